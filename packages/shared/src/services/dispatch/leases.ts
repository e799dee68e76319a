/**
 * Extends the claims of this process while their jobs execute, and aborts the call of a job that is
 * cancelled by force. When a process dies or freezes, its claims lapse by the database's clock and
 * the reconciler returns their jobs to the queue. Knows which jobs call the provider, because a
 * process that stops waits for those alone.
 *
 * A process may have thousands of calls under way. So a beat extends only the claims whose last
 * extension is some time ago, a bounded number of them in one statement. Jobs that wait for their
 * start were claimed a moment ago: extending them would lock the rows that their attempts need.
 */
import type { Logger } from '../../logger.ts';
import { extendLeases, findForced } from '../../records/jobs/claims.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface Leases {
  /** Runs `execute` and extends the job's claim meanwhile. A forced cancel aborts the signal. */
  during<T>(jobId: string, execute: (signal: AbortSignal) => Promise<T>): Promise<T>;
  abort(jobId: string): void;
  /**
   * Says that the job's call begins. The call counts as under way until the job's execution ends:
   * until its answer is kept and recorded.
   */
  callBegins(jobId: string): void;
  /** Resolves when no call is under way. */
  callsEnded(): Promise<void>;
  /**
   * Extends the claims of this process that are due, and finds jobs that were cancelled by force.
   * Throws when the database does not answer.
   */
  beat(): Promise<void>;
  /** The ids of the jobs that execute now. */
  held(): string[];
  close(): void;
}

/**
 * A claim is extended when this share of its lease has passed. With beats every third of a lease,
 * each claim has half of its lease left at any time, unless its row is locked at a beat.
 */
const dueShare = 1 / 6;
/** The most claims that one statement extends, so that it does not lock many rows for long. */
const claimsAtATime = 200;

interface HeldClaim {
  controller: AbortController;
  /** When it was claimed or extended, by `performance.now()`. */
  extendedAtMs: number;
}

export function createLeases(options: {
  db: Database;
  worker: string;
  leaseMs: number;
  log: Logger;
}): Leases {
  const { db, worker, leaseMs, log } = options;
  const dueMs = leaseMs * dueShare;
  const held = new Map<string, HeldClaim>();
  /** The controllers of the jobs whose call has begun. */
  const calling = new Set<AbortController>();
  const waiting: (() => void)[] = [];

  async function beat(): Promise<void> {
    if (held.size === 0) return;
    const beganAtMs = performance.now();
    const due = [...held].filter(([, { extendedAtMs }]) => beganAtMs - extendedAtMs >= dueMs);
    for (let from = 0; from < due.length; from += claimsAtATime) {
      const some = due.slice(from, from + claimsAtATime);
      const askedAtMs = performance.now();
      const ids = some.map(([id]) => id);
      // A claim that was left out is due again at the next beat.
      const extended = new Set(await extendLeases(db, worker, ids, leaseMs));
      for (const [id, claim] of some) if (extended.has(id)) claim.extendedAtMs = askedAtMs;
    }
    for (const id of await findForced(db, [...held.keys()])) held.get(id)?.controller.abort();
  }

  const timer = setInterval(() => {
    beat().catch((err: unknown) =>
      log.warn(
        { err },
        'the leases of this worker could not be extended; the next heartbeat tries again',
      ),
    );
  }, leaseMs / 3);

  return {
    async during(jobId, execute) {
      const controller = new AbortController();
      held.set(jobId, { controller, extendedAtMs: performance.now() });
      try {
        return await execute(controller.signal);
      } finally {
        // After a lost claim the same job may run here a second time, with its own controller.
        if (held.get(jobId)?.controller === controller) held.delete(jobId);
        calling.delete(controller);
        if (calling.size === 0) for (const resolve of waiting.splice(0)) resolve();
      }
    },
    beat,
    callBegins(jobId) {
      const claim = held.get(jobId);
      if (claim !== undefined) calling.add(claim.controller);
    },
    async callsEnded() {
      if (calling.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    abort: (jobId) => held.get(jobId)?.controller.abort(),
    held: () => [...held.keys()],
    close: () => clearInterval(timer),
  };
}
