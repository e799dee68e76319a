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
  poke(pool: string): void;
  /** The same for every pool. */
  pokeAll(): void;
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
  const lanes = new Map(pools.map((pool) => [pool.name, createLane(pool)]));
  let isClosed = false;

  function createLane(pool: DispatcherParts['pools'][number]) {
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

  function laneOf(pool: string) {
    const lane = lanes.get(pool);
    if (lane === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return lane;
  }

  async function run(pool: string): Promise<number> {
    const lane = laneOf(pool);
    const recalled = await recallShared(db, lane.pool);
    if (recalled > 0) for (const sharer of lane.pool.sharers) poke(sharer);
    let count = 0;
    for (let dispatches = await takeWindow(db, lane.pool, lane.window); ;) {
      if (dispatches.length > 0) await hand(lane, dispatches);
      count += dispatches.length;
      dispatches = await takeOver(db, lane.pool, lane.window);
      if (dispatches.length === 0) return count;
    }
  }

  async function hand(
    lane: ReturnType<typeof createLane>,
    dispatches: readonly Dispatch[],
  ): Promise<void> {
    try {
      await lane.producer().add(
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

  function poke(pool: string): void {
    const lane = laneOf(pool);
    if (isClosed) return; // a producer that is closed never answers
    lane.again = true;
    lane.running ??= runUntilQuiet(pool)
      .catch((err: unknown) => {
        lane.again = false;
        log.warn(
          { err, pool },
          'jobs could not be handed to the queue engine; the reconciler tries again',
        );
      })
      .finally(() => {
        lane.running = null;
        if (lane.again) poke(pool); // asked for between its last look and now
      });
  }

  async function runUntilQuiet(pool: string): Promise<void> {
    const lane = laneOf(pool);
    do {
      lane.again = false;
      await run(pool);
      await delay(betweenRunsMs);
    } while (lane.again);
  }

  return {
    run,
    poke,
    pokeAll() {
      for (const pool of lanes.keys()) poke(pool);
    },
    async renew(pool) {
      await recallWindow(db, pool);
      poke(pool);
    },
    async reclaim(pool) {
      const dispatches = await listDispatches(db, pool, settledMs);
      if (dispatches.length === 0) return 0;
      const held = await laneOf(pool).producer().heldIds();
      return returnDispatches(
        db,
        dispatches.filter((dispatch) => !held.has(workItemId(dispatch))),
      );
    },
    reclaimForeign: () => recallForeign(db, [...lanes.keys()], settledMs),
    async close() {
      isClosed = true;
      for (const lane of lanes.values()) {
        await lane.running;
        await lane.close();
      }
    },
  };
}
