/**
 * The dispatcher: gives the queue engine the jobs that start soon, a window of them for each pool.
 *
 * Problem: the engine must never be empty while jobs wait, and must not hold a million of them.
 * Approach: one statement takes the next jobs of a pool's routes in fair order
 * (`records/jobs/dispatches.ts`), and then they are added to the pool's queue.
 * Guarantee: any number of dispatchers may run, and none dispatches a job twice. Jobs that the
 * engine does not accept go back to the records. It does not decide when a job starts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { dispatchWindow } from '../../domain/capacity.ts';
import { kindOfTag } from '../../domain/queue/tags.ts';
import { mostStartsAMinute, type Quota } from '../../domain/quota.ts';
import type { WarningLog } from '../../logger.ts';
import { imagePriorities, imagesQueueOf, workItemId } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine, WorkItem } from '../../queue/queue-engine.ts';
import {
  listDispatches,
  recallForeign,
  recallShared,
  recallWindow,
  returnDispatches,
  takeOver,
  takeWindow,
  type Dispatch,
  type PoolRoutes,
} from '../../records/jobs/dispatches.ts';
import type { Database } from '../../records/database/open-records.ts';

export interface Dispatcher {
  /**
   * Fills the window of a pool soon, once for all calls until then. Never throws: a failure is
   * logged.
   */
  wake(pool: string): void;
  /**
   * Fills the window of a pool when some of it has started, so that one statement replaces many
   * jobs.
   */
  topUp(pool: string): void;
  /** Calls `wake` for every pool. */
  wakeAll(): void;
  /**
   * Fills the window now; resolves to the number of jobs dispatched. Throws while the engine is
   * unavailable.
   */
  run(pool: string): Promise<number>;
  /**
   * Dispatches again the jobs that wait in the engine until a closed pool opens. Call this when the
   * pool has opened earlier than these jobs would run.
   */
  redispatch(pool: string): Promise<void>;
  /** Takes back the jobs that the engine has lost; returns how many. */
  reclaim(pool: string): Promise<number>;
  /** Takes back the jobs of pools that are not configured any more; returns how many. */
  reclaimForeign(): Promise<number>;
  close(): Promise<void>;
}

export interface DispatcherParts {
  db: Database;
  engine: QueueEngine;
  pools: readonly (PoolRoutes & Quota)[];
  log: WarningLog;
}

function turnInEngine({
  priority,
  fairTag,
}: Dispatch): Pick<WorkItem<'images'>, 'priority' | 'isFirst'> {
  const kind = kindOfTag(fairTag);
  return kind === 'next'
    ? { isFirst: true }
    : { priority: imagePriorities[priority === 0 ? 'interactive' : 'bulk'][kind] };
}

function toWorkItem(dispatch: Dispatch): WorkItem<'images'> {
  return {
    id: workItemId(dispatch),
    payload: {
      jobId: dispatch.id,
      dispatchNo: dispatch.dispatchNo,
      requestId: dispatch.requestId,
    },
    ...turnInEngine(dispatch),
  };
}

/** The pause between two runs of a pool, however many jobs are submitted meanwhile. */
const betweenRunsMs = 10;
/** A window is topped up at the latest after this time, or when an eighth of it has started. */
const longestTopUpMs = 250;
const topUpShare = 1 / 8;
/** A dispatch younger than this may still be on its way to the engine. */
const settledMs = 5_000;

export function createDispatcher({ db, engine, pools, log }: DispatcherParts): Dispatcher {
  const states = new Map(pools.map((pool) => [pool.name, createPoolState(pool)]));
  let isClosed = false;

  function createPoolState(pool: DispatcherParts['pools'][number]) {
    let producer: Producer<'images'> | null = null;
    return {
      pool,
      window: dispatchWindow(pool),
      running: null as Promise<void> | null,
      lastRun: Promise.resolve() as Promise<unknown>,
      again: false,
      topUpMs: Math.min(
        longestTopUpMs,
        (60_000 / mostStartsAMinute(pool)) * dispatchWindow(pool) * topUpShare,
      ),
      toppingUp: null as NodeJS.Timeout | null,
      producer: () => (producer ??= engine.producer('images', imagesQueueOf(pool.name))),
      close: async () => {
        await producer?.close();
      },
    };
  }

  function stateOf(pool: string) {
    const state = states.get(pool);
    if (state === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return state;
  }

  /**
   * The runs of a pool follow one another. Two at once would skip each other's jobs, and so mix up
   * the order of the window and take more than fits into it.
   */
  function run(pool: string): Promise<number> {
    const state = stateOf(pool);
    const next = state.lastRun.catch(() => undefined).then(() => fillWindow(state));
    state.lastRun = next;
    return next;
  }

  async function fillWindow(state: ReturnType<typeof createPoolState>): Promise<number> {
    const recalled = await recallShared(db, state.pool);
    if (recalled > 0) for (const sharer of state.pool.sharers) wake(sharer);
    let count = 0;
    for (let dispatches = await takeWindow(db, state.pool, state.window); ;) {
      await addToEngine(state, dispatches);
      count += dispatches.length;
      dispatches = await takeOver(db, state.pool, state.window);
      if (dispatches.length === 0) return count;
    }
  }

  /**
   * Interactive jobs do not wait until the engine has taken in a long list of bulk jobs. Of the
   * jobs that run next, the one that is added last goes first.
   */
  async function addToEngine(
    state: ReturnType<typeof createPoolState>,
    dispatches: readonly Dispatch[],
  ): Promise<void> {
    const isNext = ({ fairTag }: Dispatch): boolean => kindOfTag(fairTag) === 'next';
    const isInteractive = ({ priority }: Dispatch): boolean => priority === 0;
    const groups = [
      dispatches.filter(isNext).toReversed(),
      dispatches.filter((dispatch) => isInteractive(dispatch) && !isNext(dispatch)),
      dispatches.filter((dispatch) => !isInteractive(dispatch)),
    ];
    for (const [index, group] of groups.entries()) {
      if (group.length === 0) continue;
      try {
        await state.producer().add(group.map(toWorkItem));
      } catch (error) {
        await returnDispatches(db, groups.slice(index).flat());
        throw error;
      }
    }
  }

  function wake(pool: string): void {
    const state = stateOf(pool);
    if (isClosed) return; // a closed producer never answers
    state.again = true;
    state.running ??= runUntilQuiet(pool)
      .catch((err: unknown) => {
        state.again = false;
        log.warn(
          { err, pool },
          'jobs could not be dispatched to the queue engine; the reconciler tries again',
        );
      })
      .finally(() => {
        state.running = null;
        if (state.again) wake(pool); // woken after its last run
      });
  }

  async function runUntilQuiet(pool: string): Promise<void> {
    const state = stateOf(pool);
    do {
      state.again = false;
      await run(pool);
      await delay(betweenRunsMs);
    } while (state.again);
  }

  return {
    run,
    wake,
    topUp(pool) {
      const state = stateOf(pool);
      state.toppingUp ??= setTimeout(() => {
        state.toppingUp = null;
        wake(pool);
      }, state.topUpMs);
    },
    wakeAll() {
      for (const pool of states.keys()) wake(pool);
    },
    async redispatch(pool) {
      await recallWindow(db, pool);
      wake(pool);
    },
    async reclaim(pool) {
      const state = stateOf(pool);
      const dispatches = await listDispatches(db, pool, settledMs);
      if (dispatches.length === 0) return 0;
      const held = await state.producer().heldIds();
      return returnDispatches(
        db,
        dispatches.filter((dispatch) => !held.has(workItemId(dispatch))),
      );
    },
    reclaimForeign: () => recallForeign(db, [...states.keys()], settledMs),
    async close() {
      isClosed = true;
      for (const state of states.values()) {
        if (state.toppingUp !== null) clearTimeout(state.toppingUp);
        await state.running;
        await state.close();
      }
    },
  };
}
