/**
 * The reconciler: whatever a dead worker or a wiped queue engine left behind goes back to the
 * queue, exactly once. It runs at boot and every few seconds, in every worker; each of its steps is
 * a statement that decides by itself, so several at a time do no harm.
 */
import type { Logger } from '../../logger.ts';
import { releaseLapsedClaims } from '../../records/jobs/claims.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Rerouter } from '../../records/jobs/routes.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Leases } from './leases.ts';

export interface ReconcileParts {
  db: Database;
  dispatcher: Dispatcher;
  leases: Leases;
  rerouter: Rerouter;
  pools: readonly { name: string }[];
  /** Adds the batches that have something to be done for them. */
  advanceBatches: () => Promise<void>;
  /**
   * Registers the schedules with the engine, which may have lost them; where it has not, nothing
   * changes.
   */
  schedule: () => Promise<void>;
  leaseMs: number;
  log: Logger;
}

/**
 * Returns the jobs of lost workers to the queue. The caller has just extended our own claims; those
 * are never among them.
 */
export async function releaseLost({ db, leases, leaseMs, log }: ReconcileParts): Promise<number> {
  const lapsed = await releaseLapsedClaims(db, leaseMs, leases.held());
  if (lapsed.length > 0)
    log.warn({ jobs: lapsed.length }, 'jobs of a lost worker went back to the queue');
  return lapsed.length;
}

/** A long backlog is led elsewhere in several turns, beside which the rest goes on. */
const reroutingMs = 2_000;

/**
 * Leads on what waits where it is served no longer, hands over again what the engine has lost, and
 * tops the windows up. Returns how many jobs are handed over again. Throws while an engine is away.
 */
export async function restoreQueues(parts: ReconcileParts): Promise<number> {
  const { dispatcher, rerouter, pools, advanceBatches, schedule, log } = parts;
  const led = await rerouter.run(reroutingMs);
  if (led > 0) log.info({ jobs: led }, 'jobs were led to where their model is served now');
  let reclaimed = await dispatcher.reclaimForeign();
  if (reclaimed > 0)
    log.warn(
      { jobs: reclaimed },
      'jobs of pools that are configured no longer are handed over again',
    );
  for (const { name } of pools) {
    const count = await dispatcher.reclaim(name);
    if (count > 0)
      log.warn(
        { pool: name, jobs: count },
        'the queue engine had lost jobs; they are handed over again',
      );
    reclaimed += count;
    await dispatcher.run(name);
  }
  await advanceBatches();
  await schedule();
  return reclaimed;
}

/**
 * Reconciles now and then every `everyMs`, one turn at a time; a failure is logged and the next
 * turn tries again.
 *
 * A lapsed lease means a lost worker only if its worker could have extended it. So nothing is
 * released until this process has reached the database in every turn, and in time, for as long as a
 * lease lasts: after an outage, or a sleep of this machine, all have their chance.
 */
export function startReconciler(
  parts: ReconcileParts,
  everyMs: number,
): { close(): Promise<void> } {
  let running = Promise.resolve();
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let steadySinceMs: number | null = null;
  let lastTurnMs = Date.now();

  async function turn(): Promise<void> {
    // So late, this process was asleep or starved, and others may have been as well.
    const isLate = Date.now() - lastTurnMs > everyMs + parts.leaseMs / 2;
    if (isLate) steadySinceMs = null;
    await parts.leases.beat().catch((error: unknown) => {
      steadySinceMs = null;
      throw error;
    });
    steadySinceMs ??= Date.now();
    if (Date.now() - steadySinceMs >= parts.leaseMs) await releaseLost(parts);
    await restoreQueues(parts);
  }

  function start(): void {
    running = turn()
      .catch((err: unknown) =>
        parts.log.warn({ err }, 'reconciling failed; the next turn tries again'),
      )
      .finally(() => {
        lastTurnMs = Date.now();
        if (!closed) timer = setTimeout(start, everyMs);
      });
  }

  start();
  return {
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
