/**
 * Bounds the claims that the database always refuses, for instance because a row is damaged. Such a
 * claim cannot count its own failures in the row, so each worker counts them in memory: after a
 * few, with growing pauses, it ends the item without a claim, and other work goes on. Used for
 * batches, jobs and deliveries.
 */
import {
  failedRunPauseMs,
  longestFailedRunPauseMs,
  maxFailedRuns,
} from '../domain/retry-policy.ts';
import type { Logger } from '../logger.ts';
import { isUnavailable } from './retry-limits.ts';

export type ClaimAttempt<T> =
  | { status: 'claimed'; value: T }
  /** The database refused the claim; the item is to be claimed again after the pause. */
  | { status: 'refused'; delayMs: number }
  /** The item was ended, because each of its claims was refused. */
  | { status: 'ended' };

export interface RefusedClaims {
  /**
   * Claims an item. Throws while the database is unavailable.
   * @param end ends the item as failed; called after `maxFailedRuns` refusals in a row
   */
  claim<T>(item: {
    id: string;
    claim: () => Promise<T>;
    end: (runs: number) => Promise<unknown>;
    log: Logger;
  }): Promise<ClaimAttempt<T>>;
}

/** Another worker may have ended an item that is counted here, so the oldest ones are forgotten. */
const mostCounted = 10_000;

export function createRefusedClaims(): RefusedClaims {
  /** Refusals in a row, by the id of the item. */
  const refusals = new Map<string, number>();

  function count(id: string): number {
    const runs = (refusals.get(id) ?? 0) + 1;
    const [oldest] = refusals.keys();
    if (refusals.size >= mostCounted && oldest !== undefined) refusals.delete(oldest);
    refusals.set(id, runs);
    return runs;
  }

  return {
    async claim({ id, claim, end, log }) {
      try {
        const value = await claim();
        refusals.delete(id);
        return { status: 'claimed', value };
      } catch (err) {
        if (isUnavailable(err)) throw err;
        const runs = count(id);
        if (runs < maxFailedRuns) {
          const delayMs = failedRunPauseMs * 2 ** (runs - 1);
          log.error({ err, runs, delayMs }, 'the database refused a claim; it is tried again');
          return { status: 'refused', delayMs };
        }
        log.error({ err, runs }, 'the database refused each claim; the work item is ended');
        return endItem(id, () => end(runs), log);
      }
    },
  };

  async function endItem(
    id: string,
    end: () => Promise<unknown>,
    log: Logger,
  ): Promise<ClaimAttempt<never>> {
    try {
      await end();
      refusals.delete(id);
      return { status: 'ended' };
    } catch (err) {
      if (isUnavailable(err)) throw err;
      log.error({ err }, 'the database also refused to end the work item; it rests');
      return { status: 'refused', delayMs: longestFailedRunPauseMs };
    }
  }
}
