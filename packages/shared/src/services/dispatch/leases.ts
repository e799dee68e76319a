/**
 * Keeps the claims of this process alive while their jobs execute, and carries a forced cancel to
 * the call. When heartbeats stop (the process died or was frozen), the database's clock lets the
 * claims lapse and the reconciler returns the jobs.
 */
import type { Logger } from '../../logger.ts';
import { extendLeases } from '../../records/jobs/claims.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface Leases {
  /** Runs `execute` with the job's claim kept alive; its signal is aborted by a forced cancel. */
  during<T>(jobId: string, execute: (signal: AbortSignal) => Promise<T>): Promise<T>;
  abort(jobId: string): void;
  /** Extends every claim of this process now. Throws where the database does not answer. */
  beat(): Promise<void>;
  /** The jobs that execute now. */
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

  async function beat(): Promise<void> {
    if (held.size === 0) return;
    const kept = await extendLeases(db, worker, [...held.keys()], leaseMs);
    for (const { id, abort } of kept) if (abort) held.get(id)?.abort();
  }

  const timer = setInterval(() => {
    beat().catch((err: unknown) => log.warn({ err }, 'the leases could not be extended'));
  }, leaseMs / 3);

  return {
    async during(jobId, execute) {
      const controller = new AbortController();
      held.set(jobId, controller);
      try {
        return await execute(controller.signal);
      } finally {
        // A second run of the same job in this process, after a lost claim, has put its own
        // controller here.
        if (held.get(jobId) === controller) held.delete(jobId);
      }
    },
    beat,
    abort: (jobId) => held.get(jobId)?.abort(),
    held: () => [...held.keys()],
    close: () => clearInterval(timer),
  };
}
