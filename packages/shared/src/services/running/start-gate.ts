/**
 * The gate between the jobs of this process and the pool guard, which grants starts.
 *
 * Problem: each waiting job on its own would ask the database for a start again and again.
 * Approach: one statement at a time asks for the starts of all jobs of a pool that wait here. The
 * jobs take the granted starts in order: by priority, then as they came. Only as many jobs wait as
 * start within a second; the others are sent away with a delay.
 * Guarantee: no call without a start of the guard (`quota/pool-guard.ts`), and none with a start
 * that is too old (`start-validity.ts`). The guard decides when starts are granted, not this file.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lightestStart, type StartWeight } from '../../domain/quota.ts';
import type { Logger } from '../../logger.ts';
import type { Pace } from '../../quota/pace.ts';
import type { PoolGuard } from '../../quota/pool-guard.ts';
import { createStagger } from './stagger.ts';
import { createStartValidity, type Start } from './start-validity.ts';

export type GateOutcome =
  /** `watched`: the caller must report an answered call to the guard (`PoolGuard.answered`). */
  | { status: 'taken'; watched: boolean; start: Start }
  /** More jobs wait than start soon: come back after `delayMs`. */
  | { status: 'later'; delayMs: number }
  /** The pool is closed: come back after `delayMs`, or when it is opened before that. */
  | { status: 'closed'; delayMs: number };

export interface StartGate {
  /**
   * Waits for a start of the pool.
   * @param priority priority of the job: it waits behind jobs of the same priority, and before less
   * urgent jobs
   * @param weight what its call takes of the quota; default: one picture
   */
  take(pool: string, priority: number, weight?: StartWeight): Promise<GateOutcome>;
  /**
   * How long a job has to stay away, in ms, because more jobs wait before it than start soon. Null
   * when it is worth preparing the job for a start.
   */
  backoffWhenCrowded(pool: string, priority: number): number | null;
  /**
   * Call right before the request is sent. False when this start must not be used: it is too old
   * (later starts may have been used already), or the call before it was made too late.
   */
  isStartStillValid(pool: string, start: Start): boolean;
  /**
   * Call when the request has been written. The pace's slack covers what a usual call needs until
   * then; if this call took longer, the guard spaces the next start from now.
   */
  requestWritten(pool: string, start: Start): void;
}

interface Waiter extends PromiseWithResolvers<GateOutcome> {
  priority: number;
  weight: StartWeight;
}

/** The priority of interactive jobs. */
const interactive = 0;
/** A claimed job waits here for a blocked pool if the block ends within this time. */
const longestWaitMs = 1_000;
/**
 * The longest delay of a job that a closed pool has sent away. A block may end sooner than
 * announced, and jobs that came meanwhile need the slots of the jobs that wait for its end.
 */
const longestClosedDelayMs = 60_000;
/**
 * The longest delay of a job that is sent away because too many jobs wait, unless the jobs before
 * it need longer to start.
 */
const longestCrowdDelayMs = 10_000;
/** The jobs that start within this time wait here, and always at least two. */
const waitAheadMs = 1_000;

export function createStartGate(options: {
  guard: PoolGuard;
  pools: readonly { name: string; pace: Pace }[];
  /** Aborted at shutdown: jobs that wait are then sent away. */
  stopping: AbortSignal;
  log: Logger;
}): StartGate {
  const { guard, stopping, log } = options;
  const states = new Map(
    options.pools.map(({ name, pace }) => [name, createPoolState(name, pace)]),
  );

  function createPoolState(pool: string, pace: Pace) {
    return {
      pool,
      intervalMs: pace.intervalMs,
      mostWaiting: Math.max(2, Math.ceil(waitAheadMs / pace.intervalMs)),
      validity: createStartValidity(pace),
      /** Sorted by the order in which they start. */
      waiting: [] as Waiter[],
      crowd: createStagger(),
      closure: createStagger(),
      isServed: false,
      /**
       * When the first start was asked for whose request was written late, and not reported yet;
       * null: there is none.
       */
      lateSinceMs: null as number | null,
      isReporting: false,
    };
  }

  type PoolState = ReturnType<typeof createPoolState>;

  function stateOf(pool: string): PoolState {
    const state = states.get(pool);
    if (state === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return state;
  }

  /**
   * A bulk job stays away until half of the jobs before it have started, and longer the more jobs
   * were sent away before it: these return one by one, twice as fast as jobs start. A client waits
   * for an interactive job, so such a job does not queue up behind the jobs that were sent away.
   */
  function backoffWhenCrowded(pool: string, priority: number): number | null {
    const { waiting, mostWaiting, intervalMs, crowd } = stateOf(pool);
    const ahead = countAhead(waiting, priority);
    if (ahead < mostWaiting) return null;
    const allStartedMs = ahead * intervalMs;
    if (priority === interactive) return allStartedMs / 2;
    return crowd.next({
      firstMs: allStartedMs / 2,
      stepMs: intervalMs / 2,
      longestMs: Math.max(allStartedMs, longestCrowdDelayMs),
    });
  }

  async function serveAll(state: PoolState): Promise<void> {
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
    if (stopping.aborted) {
      for (const waiter of state.waiting.splice(0)) waiter.resolve({ status: 'later', delayMs: 0 });
      return;
    }
    const { validMs, extraGapMs } = state.validity.next();
    const wanted = extraGapMs > 0 ? state.waiting.slice(0, 1) : state.waiting;
    const weights = wanted.map(({ weight }) => weight);
    const granted = await guard.take(state.pool, weights, extraGapMs);
    if (granted.status === 'taken') {
      const { starts, watched, askedAtMs, grantedAtMs } = granted;
      state.closure.reset();
      for (const waiter of state.waiting.splice(0, starts))
        waiter.resolve({ status: 'taken', watched, start: { askedAtMs, grantedAtMs, validMs } });
      return;
    }
    if (granted.blocked && granted.waitMs > longestWaitMs) {
      // The jobs return at the pace at which they can start. Otherwise all of them would ask every
      // few seconds whether the pool is open.
      const spread = {
        firstMs: Math.min(granted.waitMs, longestClosedDelayMs),
        stepMs: state.intervalMs,
        longestMs: longestClosedDelayMs,
      };
      for (const waiter of state.waiting.splice(0))
        waiter.resolve({ status: 'closed', delayMs: state.closure.next(spread) });
      return;
    }
    await delay(granted.waitMs, undefined, { signal: stopping }).catch(ignoreAbort);
  }

  /**
   * Reports to the guard that a request was written late. Only one report is under way at a time.
   * If more requests are written late meanwhile, one further report is enough, because each report
   * only asks to space the next start from that moment.
   */
  async function reportLate(state: PoolState): Promise<void> {
    state.isReporting = true;
    while (state.lateSinceMs !== null) {
      const startedMsAgo = performance.now() - state.lateSinceMs;
      state.lateSinceMs = null;
      // The call is under way whether this succeeds or not. A database that is unavailable grants
      // no further start either.
      await guard
        .requestWritten(state.pool, startedMsAgo)
        .catch((err: unknown) =>
          log.warn({ err, pool: state.pool }, 'a call that began late could not be recorded'),
        );
    }
    state.isReporting = false;
  }

  return {
    backoffWhenCrowded,
    async take(pool, priority, weight = lightestStart) {
      const backoffMs = backoffWhenCrowded(pool, priority);
      if (backoffMs !== null) return { status: 'later', delayMs: backoffMs };
      const state = stateOf(pool);
      const waiter = { ...Promise.withResolvers<GateOutcome>(), priority, weight };
      state.waiting.splice(countAhead(state.waiting, priority), 0, waiter);
      if (!state.isServed) void serveAll(state);
      return waiter.promise;
    },
    isStartStillValid: (pool, start) => stateOf(pool).validity.isStillValid(start),
    requestWritten(pool, start) {
      const state = stateOf(pool);
      const isLate = state.validity.noteWritten(start);
      if (!isLate) return;
      state.lateSinceMs = Math.min(state.lateSinceMs ?? start.askedAtMs, start.askedAtMs);
      if (!state.isReporting) void reportLate(state);
    },
  };
}

function countAhead(waiting: readonly Waiter[], priority: number): number {
  const behind = waiting.findIndex((waiter) => waiter.priority > priority);
  return behind === -1 ? waiting.length : behind;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
