/**
 * The reconciler: whatever a dead worker or a wiped queue engine left behind goes back to the queue, exactly once. It runs at boot and
 * every few seconds, in every worker; each of its steps is one statement, so several at a time do no harm.
 */
import type { Logger } from '../logger.ts';
import { releaseLapsedClaims } from '../records/claims.ts';
import type { Database } from '../records/open-records.ts';
import type { Dispatcher } from './dispatch.ts';

export interface ReconcileParts {
  db: Database;
  dispatcher: Dispatcher;
  pools: readonly { name: string }[];
  /** Registers the schedules with the engine, which may have lost them; where it has not, nothing changes. */
  schedule: () => Promise<void>;
  leaseMs: number;
  log: Logger;
}

export async function reconcile({
  db,
  dispatcher,
  pools,
  schedule,
  leaseMs,
  log,
}: ReconcileParts): Promise<{ lapsed: number; reclaimed: number }> {
  const lapsed = await releaseLapsedClaims(db, leaseMs);
  if (lapsed.length > 0) log.warn({ jobs: lapsed.length }, 'jobs of a lost worker went back to the queue');
  let reclaimed = 0;
  for (const { name } of pools) {
    const count = await dispatcher.reclaim(name);
    if (count > 0)
      log.warn({ pool: name, jobs: count }, 'the queue engine had lost jobs; they are handed over again');
    reclaimed += count;
    await dispatcher.run(name);
  }
  await schedule();
  return { lapsed: lapsed.length, reclaimed };
}

/** Reconciles now and then every `everyMs`, one at a time; a failure is logged and the next turn tries again. */
export function startReconciler(parts: ReconcileParts, everyMs: number): { close(): Promise<void> } {
  let running = Promise.resolve();
  let closed = false;
  let timer: NodeJS.Timeout | null = null;

  function turn(): void {
    running = reconcile(parts)
      .then(() => undefined)
      .catch((err: unknown) => parts.log.warn({ err }, 'reconciling failed; the next turn tries again'))
      .finally(() => {
        if (!closed) timer = setTimeout(turn, everyMs);
      });
  }

  turn();
  return {
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
