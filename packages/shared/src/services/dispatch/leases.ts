/**
 * Extends the claims of this process while their jobs execute, and aborts the call of a job that is
 * cancelled by force. When a process dies or freezes, its claims lapse by the database's clock and
 * the reconciler returns their jobs to the queue. Knows which jobs call the provider, because a
 * process that stops waits for those alone.
 */
import type { Logger } from '../../logger.ts';
import { extendLeases } from '../../records/jobs/claims.ts';
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
  /** Extends every claim of this process now. Throws when the database does not answer. */
  beat(): Promise<void>;
  /** The ids of the jobs that execute now. */
  held(): string[];
  close(): void;
}

export function createLeases(options: {
  db: Database;
  worker: string;
  leaseMs: number;
  log: Logger;
}): Leases {
  const { db, worker, leaseMs, log } = options;
  const held = new Map<string, AbortController>();
  /** The controllers of the jobs whose call has begun. */
  const calling = new Set<AbortController>();
  const waiting: (() => void)[] = [];

  async function beat(): Promise<void> {
    if (held.size === 0) return;
    const cancelled = await extendLeases(db, worker, [...held.keys()], leaseMs);
    for (const id of cancelled) held.get(id)?.abort();
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
      held.set(jobId, controller);
      try {
        return await execute(controller.signal);
      } finally {
        // After a lost claim the same job may run here a second time, with its own controller.
        if (held.get(jobId) === controller) held.delete(jobId);
        calling.delete(controller);
        if (calling.size === 0) for (const resolve of waiting.splice(0)) resolve();
      }
    },
    beat,
    callBegins(jobId) {
      const controller = held.get(jobId);
      if (controller !== undefined) calling.add(controller);
    },
    async callsEnded() {
      if (calling.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    abort: (jobId) => held.get(jobId)?.abort(),
    held: () => [...held.keys()],
    close: () => clearInterval(timer),
  };
}
