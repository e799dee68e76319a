/**
 * Keeps jobs in the order in which they came although their claims, which are made at the same
 * time, do not end in that order.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Place {
  ticket: number;
  /**
   * Call when the job was claimed or not. Resolves when that is known of all jobs before it. It
   * does not wait longer than a usual claim takes, so a claim whose answer is lost holds up no
   * other job.
   */
  claimed(): Promise<void>;
}

/** After this time a job does not wait any more for the claims of the jobs before it. */
const longestClaimMs = 100;

/** Returns a function that gives a place to a job that comes now. */
export function createClaimOrder(): () => Place {
  let tickets = 0;
  /** Resolves when all jobs that have entered were claimed or not. */
  let allClaimed: Promise<void> = Promise.resolve();
  return () => {
    const before = allClaimed;
    const own = Promise.withResolvers<void>();
    // Without a value: the values of all promises before it would be kept for ever.
    allClaimed = Promise.all([before, own.promise]).then(() => undefined);
    return {
      ticket: (tickets += 1),
      async claimed() {
        own.resolve();
        await Promise.race([before, delay(longestClaimMs, undefined, { ref: false })]);
      },
    };
  };
}
