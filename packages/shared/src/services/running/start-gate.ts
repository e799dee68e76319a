/**
 * Waits for the starts of a pool on behalf of this process: all that wait are asked for together,
 * and served in order, so that a hundred waiting jobs ask the database as rarely as one. The starts
 * themselves are granted by `quota/pool-guard.ts` and by nothing else.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';
import type { Pace } from '../../quota/pace.ts';
import type { PoolGuard } from '../../quota/pool-guard.ts';

export interface Start {
  /** It was granted after this, by `performance.now()`. */
  askedAtMs: number;
  /** For so long after that. */
  validMs: number;
}

export type GateOutcome =
  /** One start; `watched` as the guard says. */
  | { status: 'taken'; watched: boolean; start: Start }
  /** The wait is not worth a worker's place: come back in `delayMs`. */
  | { status: 'later'; delayMs: number }
  /** The same, unless the pool is opened before. */
  | { status: 'closed'; delayMs: number };

export interface StartGate {
  /**
   * @param priority of the job: it waits behind those of its priority, and before those that come
   * after them
   */
  take(pool: string, priority: number): Promise<GateOutcome>;
  /**
   * For how long a job is to be sent away, as more wait before it than start soon; null: it is
   * worth preparing for a start.
   */
  crowdedMs(pool: string, priority: number): number | null;
  /**
   * To be asked right before the call: false where the start must not be used any more, as the ones
   * behind it have been. Then the next ones of this process are valid for longer, and have as much
   * room behind them, until calls are made soon after their starts again. False as well where the
   * call before it was so late that this start was granted before anybody knew.
   */
  mayCall(pool: string, start: Start): boolean;
  /** The request of a start has left. What a usual call needs is within the pace's slack. */
  left(pool: string, start: Start): void;
}

interface Waiter extends PromiseWithResolvers<GateOutcome> {
  priority: number;
}

/** Of jobs. */
const interactive = 0;
/** A pool that is blocked for longer than this is not waited for with a claimed job. */
const patienceMs = 1_000;
/**
 * A block may end sooner than it said, and jobs that came meanwhile want the places of those that
 * wait for it.
 */
const longestDelayMs = 60_000;
/** Who is sent away from a crowd is back within this, or when those that wait have started. */
const longestCrowdMs = 10_000;
/** Jobs worth keeping ready: a second's worth of starts, and always the next two. */
const readyMs = 1_000;
/** Of a spacing: a call closer than this behind another one is one too many. */
const closest = 0.99;
/** A statement that takes longer is given up anyway. */
const longestValidMs = 60_000;

export function createStartGate(options: {
  guard: PoolGuard;
  pools: readonly { name: string; pace: Pace }[];
  /** Aborted at shutdown: who waits then is sent away. */
  stopping: AbortSignal;
  log: Logger;
}): StartGate {
  const { guard, stopping, log } = options;
  const lanes = new Map(options.pools.map(({ name, pace }) => [name, createLane(name, pace)]));

  function createLane(pool: string, pace: Pace) {
    return {
      ...pace,
      pool,
      /**
       * Above 60 a minute it is the starts of a second that must not be too many: two of them may
       * be close.
       */
      isEven: pace.latestMs === pace.intervalMs,
      room: Math.max(2, Math.ceil(readyMs / pace.intervalMs)),
      /** In the order in which they start. */
      waiting: [] as Waiter[],
      /**
       * When the next job that is sent away from the closed pool will be wanted: a spacing after
       * the one before it.
       */
      wantedAtMs: 0,
      /** When the next job that is sent away from a crowd comes back. */
      returnAtMs: 0,
      /**
       * How long a start may wait for its call: longer where the database was too slow for the
       * last.
       */
      validMs: pace.latestMs,
      /** When the newest call began, or its request had left. */
      calledAtMs: Number.NEGATIVE_INFINITY,
      isServed: false,
      isLate: false,
      isTold: false,
    };
  }

  type Lane = ReturnType<typeof createLane>;

  function laneOf(pool: string): Lane {
    const lane = lanes.get(pool);
    if (lane === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return lane;
  }

  /**
   * They come back one by one, twice as fast as they are wanted: together they would be sent away
   * together, again and again. Somebody waits for an interactive job: it comes back when half of
   * those before it have started, whoever else is to come back.
   */
  function crowdedMs(pool: string, priority: number): number | null {
    const lane = laneOf(pool);
    const { room, intervalMs } = lane;
    const ahead = countAhead(lane, priority);
    if (ahead < room) return null;
    const allStartedMs = ahead * intervalMs;
    if (priority === interactive) return allStartedMs / 2;
    const now = performance.now();
    const delayMs = Math.max(allStartedMs / 2, lane.returnAtMs - now);
    lane.returnAtMs =
      now + Math.min(delayMs + intervalMs / 2, Math.max(allStartedMs, longestCrowdMs));
    return delayMs;
  }

  function countAhead({ waiting }: Lane, priority: number): number {
    const behind = waiting.findIndex((waiter) => waiter.priority > priority);
    return behind === -1 ? waiting.length : behind;
  }

  /** Serves the lane until nobody waits. */
  async function serve(lane: Lane): Promise<void> {
    lane.isServed = true;
    while (lane.waiting.length > 0) {
      try {
        await serveSome(lane);
      } catch (error) {
        for (const waiter of lane.waiting.splice(0)) waiter.reject(error);
      }
    }
    lane.isServed = false;
  }

  async function serveSome(lane: Lane): Promise<void> {
    const sendAway = (status: 'later' | 'closed', delayOf: () => number): void => {
      for (const waiter of lane.waiting.splice(0)) waiter.resolve({ status, delayMs: delayOf() });
    };
    if (stopping.aborted) {
      sendAway('later', () => 0);
      return;
    }
    const { validMs } = lane;
    const roomMs = lane.isEven && validMs > lane.latestMs ? validMs : 0;
    const start = await guard.take(lane.pool, roomMs > 0 ? 1 : lane.waiting.length, roomMs);
    if (start.status === 'taken') {
      const { starts, watched, askedAtMs } = start;
      lane.wantedAtMs = 0; // the pool is open; a later closure is another
      for (const waiter of lane.waiting.splice(0, starts))
        waiter.resolve({ status: 'taken', watched, start: { askedAtMs, validMs } });
      return;
    }
    if (start.blocked && start.waitMs > patienceMs) {
      sendAway('closed', () => closedDelay(lane, start.waitMs));
      return;
    }
    await delay(start.waitMs, undefined, { signal: stopping }).catch(ignoreAbort);
  }

  /**
   * Who is sent away from a closed pool comes back at the pace at which it will be wanted, within a
   * minute: otherwise all that were handed over would look, every few seconds, whether the pool is
   * open.
   */
  function closedDelay(lane: Lane, waitMs: number): number {
    const now = performance.now();
    const atMs = Math.max(now + Math.min(waitMs, longestDelayMs), lane.wantedAtMs);
    lane.wantedAtMs = Math.min(atMs + lane.intervalMs, now + longestDelayMs);
    return atMs - now;
  }

  /**
   * Of requests that leave late while this is being recorded, the last speaks for all: each only
   * asks to be spaced from.
   */
  async function tell(lane: Lane): Promise<void> {
    lane.isTold = true;
    while (lane.isLate) {
      lane.isLate = false;
      // The call is under way whether this succeeds or not; a database that is away now also grants
      // no further start.
      await guard
        .left(lane.pool)
        .catch((err: unknown) =>
          log.warn({ err, pool: lane.pool }, 'a late start could not be recorded'),
        );
    }
    lane.isTold = false;
  }

  return {
    mayCall(pool, { askedAtMs, validMs }) {
      const lane = laneOf(pool);
      const now = performance.now();
      const sinceMs = now - askedAtMs;
      const isInTime = sinceMs <= validMs;
      if (!isInTime) lane.validMs = Math.min(Math.max(lane.validMs, validMs * 2), longestValidMs);
      else if (sinceMs <= lane.latestMs / 2) lane.validMs = lane.latestMs;
      const isCrowded = lane.isEven && now - lane.calledAtMs < lane.intervalMs * closest;
      if (!isInTime || isCrowded) return false;
      lane.calledAtMs = now;
      return true;
    },
    left(pool, { askedAtMs }) {
      const lane = laneOf(pool);
      lane.calledAtMs = performance.now();
      // Since it was asked for: the answer may have been the late one.
      if (lane.calledAtMs - askedAtMs <= lane.catchUpMs / 2) return;
      lane.isLate = true;
      if (!lane.isTold) void tell(lane);
    },
    crowdedMs,
    async take(pool, priority) {
      const crowded = crowdedMs(pool, priority);
      if (crowded !== null) return { status: 'later', delayMs: crowded };
      const lane = laneOf(pool);
      const waiter = { ...Promise.withResolvers<GateOutcome>(), priority };
      lane.waiting.splice(countAhead(lane, priority), 0, waiter);
      if (!lane.isServed) void serve(lane);
      return waiter.promise;
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
