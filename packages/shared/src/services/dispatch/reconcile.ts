/**
 * The reconciler: finds what dead workers and wiped queue engines have left behind.
 *
 * Approach: at boot and every few seconds, in every worker, it compares the records with the claims
 * and with what the engine holds. Guarantee: each lost job goes back to the queue exactly once,
 * because each step is one statement that decides by itself; several reconcilers at a time do no
 * harm.
 */
import type { Logger, WarningLog } from '../../logger.ts';
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
  /** Adds a work item for every batch that has work to do. */
  advanceBatches: () => Promise<void>;
  /** Registers the schedules with the engine again if it has lost them. */
  schedule: () => Promise<void>;
  leaseMs: number;
  log: Logger;
  /** Takes the warnings that an outage repeats: at most one a second. */
  outages: WarningLog;
}

/**
 * Returns the jobs of lost workers to the queue. Jobs that execute in this process are never among
 * them.
 */
export async function releaseLost({ db, leases, leaseMs, log }: ReconcileParts): Promise<number> {
  const lapsed = await releaseLapsedClaims(db, leaseMs, leases.held());
  if (lapsed.length > 0)
    log.warn({ jobs: lapsed.length }, 'jobs of a lost worker are queued again');
  return lapsed.length;
}

/** Rerouting a long backlog takes several runs of this length, so that other steps go on. */
const reroutingMs = 2_000;

/**
 * Reroutes jobs whose route is not served any more, dispatches again what the engine has lost, and
 * fills the windows. Returns how many jobs are dispatched again. Throws while the engine is
 * unavailable.
 */
export async function restoreQueues(parts: ReconcileParts): Promise<number> {
  const { dispatcher, rerouter, pools, advanceBatches, schedule, log } = parts;
  const rerouted = await rerouter.run(reroutingMs);
  if (rerouted > 0)
    log.info({ jobs: rerouted }, 'jobs were rerouted to pools that serve their model now');
  let reclaimed = await dispatcher.reclaimForeign();
  if (reclaimed > 0)
    log.warn(
      { jobs: reclaimed },
      'jobs of pools that are not configured any more are dispatched again',
    );
  for (const { name } of pools) {
    const count = await dispatcher.reclaim(name);
    if (count > 0)
      log.warn(
        { pool: name, jobs: count },
        'the queue engine had lost jobs; they are dispatched again',
      );
    reclaimed += count;
    await dispatcher.run(name);
  }
  await advanceBatches();
  await schedule();
  return reclaimed;
}

/**
 * Reconciles now and then every `everyMs`, one run at a time. A failure is logged, and the next
 * run tries again.
 *
 * A lapsed lease means a lost worker only if that worker could have extended it. So nothing is
 * released until this process has reached the database in every run, and in time, for the length
 * of a lease. After an outage, or a sleep of this machine, every worker has time to extend its own.
 */
export function startReconciler(
  parts: ReconcileParts,
  everyMs: number,
): { close(): Promise<void> } {
  let running = Promise.resolve();
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let steadySinceMs: number | null = null;
  let lastRunMs = Date.now();

  async function runOnce(): Promise<void> {
    // A run this late means that the process was suspended or starved, as others may have been.
    const isLate = Date.now() - lastRunMs > everyMs + parts.leaseMs / 2;
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
    running = runOnce()
      .catch((err: unknown) =>
        parts.outages.warn({ err }, 'reconciling failed; the next run tries again'),
      )
      .finally(() => {
        lastRunMs = Date.now();
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
