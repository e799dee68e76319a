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
  backoffWhenCrowded(pool: string, priority: number): number | null;
  /**
   * To be asked right before the call: false where the start must not be used any more, as the ones
   * behind it have been. Then the next ones of this process are valid for longer, and have as much
   * room behind them, until calls are made soon after their starts again. False as well where the
   * call before it was so late that this start was granted before anybody knew.
   */
  isStartStillValid(pool: string, start: Start): boolean;
  /** The request of a start has left. What a usual call needs is within the pace's slack. */
  requestWritten(pool: string, start: Start): void;
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
  const states = new Map(
    options.pools.map(({ name, pace }) => [name, createPoolState(name, pace)]),
  );

  function createPoolState(pool: string, pace: Pace) {
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

  type PoolState = ReturnType<typeof createPoolState>;

  function stateOf(pool: string): PoolState {
    const state = states.get(pool);
    if (state === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return state;
  }

  /**
   * They come back one by one, twice as fast as they are wanted: together they would be sent away
   * together, again and again. Somebody waits for an interactive job: it comes back when half of
   * those before it have started, whoever else is to come back.
   */
  function backoffWhenCrowded(pool: string, priority: number): number | null {
    const state = stateOf(pool);
    const { room, intervalMs } = state;
    const ahead = countAhead(state, priority);
    if (ahead < room) return null;
    const allStartedMs = ahead * intervalMs;
    if (priority === interactive) return allStartedMs / 2;
    const now = performance.now();
    const delayMs = Math.max(allStartedMs / 2, state.returnAtMs - now);
    state.returnAtMs =
      now + Math.min(delayMs + intervalMs / 2, Math.max(allStartedMs, longestCrowdMs));
    return delayMs;
  }

  function countAhead({ waiting }: PoolState, priority: number): number {
    const behind = waiting.findIndex((waiter) => waiter.priority > priority);
    return behind === -1 ? waiting.length : behind;
  }

  /** Serves the state until nobody waits. */
  async function serve(state: PoolState): Promise<void> {
    state.isServed = true;
    while (state.waiting.length > 0) {
      try {
        await serveSome(state);
      } catch (error) {
        for (const waiter of state.waiting.splice(0)) waiter.reject(error);
      }
    }
    state.isServed = false;
  }

  async function serveSome(state: PoolState): Promise<void> {
    const sendAway = (status: 'later' | 'closed', delayOf: () => number): void => {
      for (const waiter of state.waiting.splice(0)) waiter.resolve({ status, delayMs: delayOf() });
    };
    if (stopping.aborted) {
      sendAway('later', () => 0);
      return;
    }
    const { validMs } = state;
    const roomMs = state.isEven && validMs > state.latestMs ? validMs : 0;
    const start = await guard.take(state.pool, roomMs > 0 ? 1 : state.waiting.length, roomMs);
    if (start.status === 'taken') {
      const { starts, watched, askedAtMs } = start;
      state.wantedAtMs = 0; // the pool is open; a later closure is another
      for (const waiter of state.waiting.splice(0, starts))
        waiter.resolve({ status: 'taken', watched, start: { askedAtMs, validMs } });
      return;
    }
    if (start.blocked && start.waitMs > patienceMs) {
      sendAway('closed', () => closedDelay(state, start.waitMs));
      return;
    }
    await delay(start.waitMs, undefined, { signal: stopping }).catch(ignoreAbort);
  }

  /**
   * Who is sent away from a closed pool comes back at the pace at which it will be wanted, within a
   * minute: otherwise all that were handed over would look, every few seconds, whether the pool is
   * open.
   */
  function closedDelay(state: PoolState, waitMs: number): number {
    const now = performance.now();
    const atMs = Math.max(now + Math.min(waitMs, longestDelayMs), state.wantedAtMs);
    state.wantedAtMs = Math.min(atMs + state.intervalMs, now + longestDelayMs);
    return atMs - now;
  }

  /**
   * Of requests that leave late while this is being recorded, the last speaks for all: each only
   * asks to be spaced from.
   */
  async function tell(state: PoolState): Promise<void> {
    state.isTold = true;
    while (state.isLate) {
      state.isLate = false;
      // The call is under way whether this succeeds or not; a database that is away now also grants
      // no further start.
      await guard
        .requestWritten(state.pool)
        .catch((err: unknown) =>
          log.warn({ err, pool: state.pool }, 'a late start could not be recorded'),
        );
    }
    state.isTold = false;
  }

  return {
    isStartStillValid(pool, { askedAtMs, validMs }) {
      const state = stateOf(pool);
      const now = performance.now();
      const sinceMs = now - askedAtMs;
      const isInTime = sinceMs <= validMs;
      if (!isInTime) state.validMs = Math.min(Math.max(state.validMs, validMs * 2), longestValidMs);
      else if (sinceMs <= state.latestMs / 2) state.validMs = state.latestMs;
      const isCrowded = state.isEven && now - state.calledAtMs < state.intervalMs * closest;
      if (!isInTime || isCrowded) return false;
      state.calledAtMs = now;
      return true;
    },
    requestWritten(pool, { askedAtMs }) {
      const state = stateOf(pool);
      state.calledAtMs = performance.now();
      // Since it was asked for: the answer may have been the late one.
      if (state.calledAtMs - askedAtMs <= state.catchUpMs / 2) return;
      state.isLate = true;
      if (!state.isTold) void tell(state);
    },
    backoffWhenCrowded,
    async take(pool, priority) {
      const crowded = backoffWhenCrowded(pool, priority);
      if (crowded !== null) return { status: 'later', delayMs: crowded };
      const state = stateOf(pool);
      const waiter = { ...Promise.withResolvers<GateOutcome>(), priority };
      state.waiting.splice(countAhead(state, priority), 0, waiter);
      if (!state.isServed) void serve(state);
      return waiter.promise;
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
