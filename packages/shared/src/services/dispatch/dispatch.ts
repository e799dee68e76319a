/**
 * The dispatcher: hands the queue engine the window's worth of jobs that start soon. It may run
 * anywhere, any number of times; what it hands over is decided by one statement. Where the engine
 * does not take the jobs they go back to the records, and are tried again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { dispatchWindow } from '../../domain/capacity.ts';
import type { Logger } from '../../logger.ts';
import { imagesQueueOf, workItemId } from '../../queue/catalogue.ts';
import type { Producer, QueueEngine } from '../../queue/queue-engine.ts';
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
   * Tops the window of a pool up, soon and once, however often it is called meanwhile. Never
   * throws: a failure is logged.
   */
  wake(pool: string): void;
  /** The same for every pool. */
  wakeAll(): void;
  /**
   * Tops the window up now; resolves to the number of jobs handed over. Throws while an engine is
   * away.
   */
  run(pool: string): Promise<number>;
  /**
   * Hands over anew what rests in the engine until a time that is void now, as the pool was resumed
   * before.
   */
  renew(pool: string): Promise<void>;
  /** Takes back what the engine has lost and returns how many jobs that were. */
  reclaim(pool: string): Promise<number>;
  /**
   * Takes back what was handed to pools that are configured no longer and returns how many jobs
   * that were.
   */
  reclaimForeign(): Promise<number>;
  close(): Promise<void>;
}

export interface DispatcherParts {
  db: Database;
  engine: QueueEngine;
  pools: readonly (PoolRoutes & { rpm: number })[];
  log: Logger;
}

/** Work items of interactive jobs carry none, and so go before those that wait in the window. */
const bulkPriority = 10;
/** However many jobs are submitted a second, the window is looked at this often at most. */
const betweenRunsMs = 10;
/** A dispatch younger than this may still be on its way to the engine. */
const settledMs = 5_000;

export function createDispatcher({ db, engine, pools, log }: DispatcherParts): Dispatcher {
  const states = new Map(pools.map((pool) => [pool.name, createPoolState(pool)]));
  let isClosed = false;

  function createPoolState(pool: DispatcherParts['pools'][number]) {
    let producer: Producer<'images'> | null = null;
    return {
      pool,
      window: dispatchWindow(pool.rpm),
      running: null as Promise<void> | null,
      again: false,
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

  async function run(pool: string): Promise<number> {
    const state = stateOf(pool);
    const recalled = await recallShared(db, state.pool);
    if (recalled > 0) for (const sharer of state.pool.sharers) wake(sharer);
    let count = 0;
    for (let dispatches = await takeWindow(db, state.pool, state.window); ;) {
      if (dispatches.length > 0) await hand(state, dispatches);
      count += dispatches.length;
      dispatches = await takeOver(db, state.pool, state.window);
      if (dispatches.length === 0) return count;
    }
  }

  async function hand(
    state: ReturnType<typeof createPoolState>,
    dispatches: readonly Dispatch[],
  ): Promise<void> {
    try {
      await state.producer().add(
        dispatches.map((dispatch) => ({
          id: workItemId(dispatch),
          payload: {
            jobId: dispatch.id,
            dispatchNo: dispatch.dispatchNo,
            requestId: dispatch.requestId,
          },
          ...(dispatch.priority === 0 ? {} : { priority: bulkPriority }),
        })),
      );
    } catch (error) {
      await returnDispatches(db, dispatches);
      throw error;
    }
  }

  function wake(pool: string): void {
    const state = stateOf(pool);
    if (isClosed) return; // a producer that is closed never answers
    state.again = true;
    state.running ??= runUntilQuiet(pool)
      .catch((err: unknown) => {
        state.again = false;
        log.warn(
          { err, pool },
          'jobs could not be handed to the queue engine; the reconciler tries again',
        );
      })
      .finally(() => {
        state.running = null;
        if (state.again) wake(pool); // asked for between its last look and now
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
    wakeAll() {
      for (const pool of states.keys()) wake(pool);
    },
    async renew(pool) {
      await recallWindow(db, pool);
      wake(pool);
    },
    async reclaim(pool) {
      const dispatches = await listDispatches(db, pool, settledMs);
      if (dispatches.length === 0) return 0;
      const held = await stateOf(pool).producer().heldIds();
      return returnDispatches(
        db,
        dispatches.filter((dispatch) => !held.has(workItemId(dispatch))),
      );
    },
    reclaimForeign: () => recallForeign(db, [...states.keys()], settledMs),
    async close() {
      isClosed = true;
      for (const state of states.values()) {
        await state.running;
        await state.close();
      }
    },
  };
}
