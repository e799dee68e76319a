/**
 * The reconciler: finds what dead workers and wiped queue engines have left behind.
 *
 * Approach: at boot and every few seconds, in every worker, one statement tells what there is to do
 * at all, and only then the records are compared with the claims and with what the engine holds. So
 * a system at rest costs one statement a run, however many pools it has.
 * Guarantee: each lost job goes back to the queue exactly once,
 * because each step is one statement that decides by itself; several reconcilers at a time do no
 * harm.
 */
import type { Logger, WarningLog } from '../../logger.ts';
import { releaseLapsedClaims } from '../../records/jobs/claims.ts';
import type { Database } from '../../records/database/open-records.ts';
import { findOpenWork, type OpenWork } from '../../records/jobs/open-work.ts';
import type { Rerouter } from '../../records/jobs/routes.ts';
import type { PoolRoutes } from '../../records/jobs/dispatches.ts';
import type { Dispatcher } from './dispatch.ts';
import type { Leases } from './leases.ts';

export interface ReconcileParts {
  db: Database;
  dispatcher: Dispatcher;
  leases: Leases;
  rerouter: Rerouter;
  pools: readonly PoolRoutes[];
  /** Adds a work item for every batch that has work to do. */
  advanceBatches: () => Promise<void>;
  /** Goes on with every bulk action that no worker holds. */
  runBulkActions: () => void;
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
async function releaseLost(parts: ReconcileParts): Promise<void> {
  const { db, dispatcher, leases, leaseMs, log } = parts;
  const lapsed = await releaseLapsedClaims(db, leaseMs, leases.held());
  if (lapsed.length === 0) return;
  log.warn({ jobs: lapsed.length }, 'jobs of a lost worker are queued again');
  dispatcher.wakeAll();
}

/** Rerouting a long backlog takes several runs of this length, so that other steps go on. */
const reroutingMs = 2_000;
/** Routes change with the configuration, so they are checked less often than jobs are lost. */
const rerouteEveryMs = 15_000;

/** Reroutes jobs whose route is not served any more. */
async function reroute({ rerouter, log }: ReconcileParts): Promise<void> {
  const rerouted = await rerouter.run(reroutingMs);
  if (rerouted > 0)
    log.info({ jobs: rerouted }, 'jobs were rerouted to pools that serve their model now');
}

/** A pool at rest, such as a closed one, is looked at only this often. */
const restMs = 14_000;

/**
 * Pools in which the last look found nothing to do: their newest dispatch then, and when it was.
 */
type Rests = Map<string, { newest: number; atMs: number }>;

/**
 * Dispatches again what the engine has lost, and fills the windows. Throws while the engine is
 * unavailable.
 */
async function restoreQueues(parts: ReconcileParts, work: OpenWork, rests: Rests): Promise<void> {
  const { dispatcher, pools, advanceBatches, runBulkActions, schedule, log } = parts;
  if (work.hasBulkActions) runBulkActions();
  const newestOf = new Map(work.dispatched.map(({ pool, newest }) => [pool, newest]));
  const foreign = work.dispatched.filter(({ pool }) => pools.every(({ name }) => name !== pool));
  const returned = foreign.length > 0 ? await dispatcher.reclaimForeign() : 0;
  if (returned > 0)
    log.warn(
      { jobs: returned },
      'jobs of pools that are not configured any more are dispatched again',
    );
  for (const { name, routes, sharers } of pools) {
    const newest = newestOf.get(name);
    const rest = rests.get(name);
    const isUnchanged = returned === 0 && rest !== undefined && rest.newest === newest;
    if (isUnchanged && performance.now() - rest.atMs < restMs) continue;

    const lost = newest === undefined ? 0 : await dispatcher.reclaim(name);
    if (lost > 0)
      log.warn(
        { pool: name, jobs: lost },
        'the queue engine had lost jobs; they are dispatched again',
      );
    const waits = routes.some(({ route }) => work.waitingRoutes.includes(route));
    // Pools that share a route take over each other's jobs, those in the windows too.
    const shares = sharers.length > 0 && [name, ...sharers].some((each) => newestOf.has(each));
    const isDue = waits || shares || returned + lost > 0;
    const taken = isDue ? await dispatcher.run(name) : 0;
    // A pool without a window may wait for a probe to be due, and one that shares a route for jobs
    // of another pool: those are looked at each time.
    if (newest !== undefined && !shares && lost + taken === 0)
      rests.set(name, { newest, atMs: performance.now() });
    else rests.delete(name);
  }
  if (work.hasBatches) await advanceBatches();
  await schedule();
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
  let reroutedAtMs = Number.NEGATIVE_INFINITY;
  const rests: Rests = new Map();

  async function runOnce(): Promise<void> {
    // A run this late means that the process was suspended or starved, as others may have been.
    const isLate = Date.now() - lastRunMs > everyMs + parts.leaseMs / 2;
    if (isLate) steadySinceMs = null;
    await parts.leases.beat().catch((error: unknown) => {
      steadySinceMs = null;
      throw error;
    });
    steadySinceMs ??= Date.now();
    if (performance.now() - reroutedAtMs >= rerouteEveryMs) {
      await reroute(parts);
      reroutedAtMs = performance.now();
    }
    const work = await findOpenWork(parts.db);
    const isSteady = Date.now() - steadySinceMs >= parts.leaseMs;
    if (work.hasLapsed && isSteady) await releaseLost(parts);
    await restoreQueues(parts, work, rests);
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
