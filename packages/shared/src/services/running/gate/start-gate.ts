/**
 * The gate between the jobs of this process and the pool guard, which grants starts.
 *
 * Problem: between the grant of a start and its request lie statements of the job, and the provider
 * sees their delays as an uneven pace. A schedule that waits for each late request loses quota.
 * Approach: the gate takes starts ahead of time, as early as jobs need to prepare (measured), and
 * each job sends its request when its start is due. A late request moves no other start: the log of
 * this process (`start-log.ts`) holds the next request back where a slice would be too full. Where
 * other processes share the pool, they make room for it before it is sent (`postponement.ts`).
 * Guarantee: no call without a start of the guard (`quota/pool-guard.ts`), none much later than its
 * start, and no slice of the quota with a request too many. The schedule is the guard's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lightestStart, type Quota, type StartWeight } from '../../../domain/quota.ts';
import type { Logger } from '../../../logger.ts';
import { spacingOf, type Pace } from '../../../quota/pace.ts';
import type { PoolGuard } from '../../../quota/pool-guard.ts';
import { createClaimOrder, type Place } from './claim-order.ts';
import { createDatabaseClock } from './database-clock.ts';
import { createGrantedStarts } from './granted-starts.ts';
import { createPostponement } from './postponement.ts';
import { createRecentSamples } from './recent-samples.ts';
import { createStagger } from './stagger.ts';
import { createStartLog, type SentRequest } from './start-log.ts';
import { createWaitingJobs, type WaitingJob } from './waiting-jobs.ts';

export type GateOutcome =
  /** `watched`: the caller must report an answered call to the guard (`PoolGuard.answered`). */
  | { status: 'taken'; watched: boolean; start: Start }
  /** This process stops: come back after `delayMs`. */
  | { status: 'later'; delayMs: number }
  /** The pool is closed: come back after `delayMs`, or when it is opened before that. */
  | { status: 'closed'; delayMs: number };

/** A start of the pool, granted to one job. */
export interface Start {
  /**
   * When it is due in the schedule, by `performance.now()`. A more urgent job may take it over, and
   * this start is due a little later then.
   */
  atMs: number;
  /** When the database granted it, or when the gate gave it to another job. */
  givenAtMs: number;
  /** The guard knows the start by this time of the database's clock (`PoolGuard.corrected`). */
  grantedAtMs: number;
  weight: StartWeight;
  /** How much this process had postponed the schedule in all when the start was granted. */
  totalMs: number;
  /** It may have been due this much earlier: the database's clock was not known better. */
  uncertainMs: number;
  watched: boolean;
  sent: SentRequest | null;
}

export interface StartGate {
  /** A place for a job that comes now: jobs of the same priority start in this order. */
  enter(): Place;
  /**
   * Waits for a start of the pool, and resolves a little before it is due.
   * @param job it waits behind jobs of the same priority that came before it, and before less
   * urgent jobs
   */
  take(pool: string, job: WaitingJob): Promise<GateOutcome>;
  /** Interactive jobs wait for slots of the pool: bulk jobs that wait here give theirs up. */
  freeSlots(pool: string, wanted: number): void;
  /**
   * Waits until the request of this start may be written; call it right before that, with an open
   * connection. False when the start must not be used any more: it is too late, others cannot be
   * made to wait for it, or this process stops, which waits only for calls that have begun.
   * @param isForced wait as long as it takes, however late the start is
   */
  untilDue(pool: string, start: Start, isForced?: boolean): Promise<boolean>;
  /** Call when the request has been written. */
  requestWritten(pool: string, start: Start): void;
  /** Returns a start that no request was made with, for another job. */
  giveBack(pool: string, start: Start): void;
  /** Call once for each taken start, when its job has ended or was returned. */
  finished(pool: string): void;
}

/** A claimed job waits here for a blocked pool if the block ends within this time. */
const longestWaitMs = 1_000;
/**
 * The longest delay of a job that a closed pool has sent away. A block may end sooner than
 * announced, and jobs that came meanwhile need the slots of the jobs that wait for its end.
 */
const longestClosedDelayMs = 60_000;
/** How long jobs need to prepare, until that has been measured, and what is added to it. */
const firstLeadMs = 50;
const spareLeadMs = 5;
/** What is added to the usual time of a statement that a late request waits for. */
const spareStatementMs = 1;
/** Fast pools grant the starts of this time together, as a share of the shortest slice. */
const togetherShare = 0.025;

export function createStartGate(options: {
  guard: PoolGuard;
  pools: readonly (Partial<Quota> & { name: string; pace: Pace; callsAtATime: number })[];
  minuteMs: number;
  /** Aborted at shutdown: jobs that wait are then sent away. */
  stopping: AbortSignal;
  log: Logger;
}): StartGate {
  const { guard, stopping, log } = options;
  const clock = createDatabaseClock();
  const states = new Map(options.pools.map((pool) => [pool.name, createPoolState(pool)]));
  /** Half of the slack of a minute, which the meters of images and tokens are counted with. */
  const meteredLateMs = options.minuteMs * 0.003;

  function createPoolState({ name, pace, callsAtATime, ipm, tpm }: (typeof options.pools)[number]) {
    const shortestSliceMs = Math.min(...pace.slices.map(({ lengthMs }) => lengthMs));
    const sent = createStartLog(pace);
    return {
      pool: name,
      pace,
      isMetered: (ipm ?? null) !== null || (tpm ?? null) !== null,
      callsAtATime,
      /** How much further ahead than the jobs need: several starts cost one statement then. */
      togetherMs:
        pace.intervalMs < shortestSliceMs * togetherShare ? shortestSliceMs * togetherShare : 0,
      sent,
      postponement: createPostponement(pace, options.minuteMs, sent.latenessMs),
      preparing: createRecentSamples(100),
      /** How long the statement takes that grants starts. */
      taking: createRecentSamples(100),
      waiting: createWaitingJobs<GateOutcome>(),
      granted: createGrantedStarts(),
      closure: createStagger(),
      isServed: false,
      /** Jobs that have taken a start and have not ended. */
      started: 0,
      /** Resolved when one of them ends. */
      ended: Promise.withResolvers<void>(),
      /** The last statement of this pool: one at a time, so that each knows what it follows. */
      statement: Promise.resolve() as Promise<unknown>,
      /** The statement that will postpone the schedule, until it begins. */
      postponing: null as Promise<boolean> | null,
      /** The latest request that was not reported to the guard yet was this late. */
      lateMs: 0,
    };
  }

  type PoolState = ReturnType<typeof createPoolState>;

  function stateOf(pool: string): PoolState {
    const state = states.get(pool);
    if (state === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return state;
  }

  function inTurn<T>(state: PoolState, run: () => Promise<T>): Promise<T> {
    const result = state.statement.then(run);
    state.statement = result.catch(() => undefined);
    return result;
  }

  async function serveAll(state: PoolState): Promise<void> {
    state.isServed = true;
    while (state.waiting.count() > 0) {
      try {
        await serveSome(state);
      } catch (error) {
        for (const waiter of state.waiting.takeAll()) waiter.reject(error);
      }
    }
    state.isServed = false;
  }

  async function serveSome(state: PoolState): Promise<void> {
    if (stopping.aborted) {
      for (const waiter of state.waiting.takeAll()) waiter.resolve({ status: 'later', delayMs: 0 });
      return;
    }
    if (state.started >= state.callsAtATime) {
      await untilOneEnds(state);
      return;
    }
    const prepareMs = prepareMsOf(state);
    const leadMs = prepareMs + state.taking.quantile(0.75);
    const weights = state.waiting.weights(state.callsAtATime - state.started);
    const granted = await takeStarts(state, weights, {
      aheadMs: leadMs + state.togetherMs,
      usableInMs: prepareMs - state.pace.latestMs / 2,
    });
    if (granted.status === 'taken') {
      state.closure.reset();
      const givenAtMs = clock.toLocalMs(granted.reading.nowMs);
      const uncertainMs = clock.uncertainMs();
      for (const [index, databaseMs] of granted.startsAtMs.entries())
        give(state, {
          atMs: clock.toLocalMs(databaseMs),
          givenAtMs,
          grantedAtMs: granted.grantedAtMs,
          weight: weights[index] ?? lightestStart,
          totalMs: state.postponement.totalMs(),
          uncertainMs,
          watched: granted.watched,
          sent: null,
        });
      const nextInMs = clock.toLocalMs(granted.reading.nextAfterMs) - performance.now() - leadMs;
      if (state.waiting.count() > 0) await pause(nextInMs);
      return;
    }
    if (granted.blocked && granted.waitMs > longestWaitMs) {
      // The jobs return at the pace at which they can start. Otherwise all of them would ask every
      // few seconds whether the pool is open.
      const spread = {
        firstMs: Math.min(granted.waitMs, longestClosedDelayMs),
        stepMs: state.pace.intervalMs,
        longestMs: longestClosedDelayMs,
      };
      for (const waiter of state.waiting.takeAll())
        waiter.resolve({ status: 'closed', delayMs: state.closure.next(spread) });
      return;
    }
    await pause(granted.waitMs);
  }

  function takeStarts(
    state: PoolState,
    weights: readonly StartWeight[],
    times: { aheadMs: number; usableInMs: number },
  ) {
    return inTurn(state, async () => {
      while (clock.isUnknown()) {
        const askedMs = performance.now();
        clock.note(await guard.now(), askedMs);
      }
      const postponeMs = state.postponement.owedMs();
      const askedAtMs = performance.now();
      const outcome = await guard.take(state.pool, weights, {
        ...times,
        postponeMs,
        spacingMs: spacingOf(state.pace, state.sent.latenessMs()),
      });
      state.taking.add(performance.now() - askedAtMs);
      clock.note(outcome.reading.nowMs, askedAtMs);
      state.postponement.noteReading(outcome.reading, postponeMs);
      return outcome;
    });
  }

  /**
   * How long before a start its job gets it. Most jobs have prepared their calls by then; one that
   * has not is late, which costs no quota. A longer lead would make interactive jobs wait.
   */
  function prepareMsOf(state: PoolState): number {
    return (state.preparing.quantile(0.75) || firstLeadMs) + spareLeadMs;
  }

  /**
   * Gives a start to the first job; where images or tokens are counted, to the first that is not
   * heavier than the guard has allowed for. There may be none: the jobs were sent away meanwhile.
   */
  function give(state: PoolState, start: Start): void {
    const waiter = state.waiting.takeFirst(
      (weight) =>
        !state.isMetered ||
        (weight.images <= start.weight.images && weight.tokens <= start.weight.tokens),
    );
    if (waiter === undefined) return;
    state.started += 1;
    // Meters count a start from when it was granted for, so its weight must not move.
    if (!state.isMetered)
      state.granted.add(start, waiter.priority, performance.now() + prepareMsOf(state));
    waiter.resolve({ status: 'taken', watched: start.watched, start });
  }

  async function untilOneEnds(state: PoolState): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    stopping.addEventListener('abort', stop, { once: true });
    await Promise.race([state.ended.promise, stopped.promise]);
    stopping.removeEventListener('abort', stop);
  }

  async function pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: stopping }).catch(ignoreAbort);
  }

  /**
   * Postpones the schedule for late requests. One statement at a time; it covers all requests that
   * were late until then. False when it failed.
   */
  function postpone(state: PoolState): Promise<boolean> {
    state.postponing ??= inTurn(state, async () => {
      state.postponing = null;
      const [postponeMs, lateMs] = [state.postponement.owedMs(), state.lateMs];
      state.lateMs = 0;
      if (postponeMs > 0 || lateMs > 0) await postponeNow(state, postponeMs, lateMs);
      return true;
    }).catch((err: unknown) => {
      // The next start tries again. A database that is unavailable grants no start either.
      log.warn({ err, pool: state.pool }, 'a call that began late could not be recorded');
      return false;
    });
    return state.postponing;
  }

  async function postponeNow(state: PoolState, postponeMs: number, lateMs: number): Promise<void> {
    const askedAtMs = performance.now();
    const reading = await guard.postpone(state.pool, { postponeMs, lateMs });
    clock.note(reading.nowMs, askedAtMs);
    state.postponement.noteReading(reading, postponeMs);
  }

  return {
    enter: createClaimOrder(),
    take(pool, { priority, ticket, weight = lightestStart, giveSlot = null }) {
      const state = stateOf(pool);
      const waiter = {
        ...Promise.withResolvers<GateOutcome>(),
        priority,
        ticket,
        weight,
        giveSlot,
      };
      state.waiting.add(waiter);
      if (!state.isServed) void serveAll(state);
      return waiter.promise;
    },
    freeSlots: (pool, wanted) => stateOf(pool).waiting.freeSlots(wanted),
    async untilDue(pool, start, isForced = false) {
      const state = stateOf(pool);
      const { pace, granted, preparing, sent, postponement } = state;
      const readyAtMs = performance.now();
      // A job that is too late shows that preparing takes longer now than it did before.
      if (readyAtMs - start.atMs > pace.latestMs) preparing.forget();
      preparing.add(readyAtMs - start.givenAtMs);
      while (!stopping.aborted) {
        const dueAtMs = Math.max(start.atMs, sent.earliestMs());
        const now = performance.now();
        // Others have made room for it by then.
        const movedMs = postponement.totalMs() - start.totalMs;
        const overdueMs = Math.max(now, dueAtMs) - start.atMs - movedMs;
        if (!isForced && overdueMs > pace.latestMs) return false;
        const lateMs = now - start.atMs + start.uncertainMs;
        if (dueAtMs > now) await delay(Math.ceil(dueAtMs - now));
        else if (isForced || !postponement.mustPrecede(start, lateMs)) {
          granted.remove(start);
          start.sent = sent.send(Math.max(dueAtMs, readyAtMs));
          return true;
        } else {
          // The statement makes the request later still.
          postponement.noteLate(start, lateMs + state.taking.quantile(0.9) + spareStatementMs);
          if (!(await postpone(state))) return false;
        }
      }
      return false;
    },
    requestWritten(pool, start) {
      const state = stateOf(pool);
      if (start.sent === null) return;
      state.sent.written(start.sent);
      const lateMs = performance.now() - start.atMs + start.uncertainMs;
      state.postponement.noteLate(start, lateMs);
      // Meters of images and tokens count a start from when it is due.
      if (state.isMetered && lateMs > meteredLateMs) state.lateMs = Math.max(state.lateMs, lateMs);
      if (state.postponement.owedMs() > 0 || state.lateMs > 0) void postpone(state);
    },
    giveBack(pool, start) {
      const state = stateOf(pool);
      state.granted.remove(start);
      const isLate = performance.now() - start.atMs > state.pace.latestMs / 2;
      // Where images or tokens are counted, the caller gives the weight back to the guard instead.
      if (start.sent === null && !isLate && !state.isMetered && !stopping.aborted)
        give(state, { ...start, givenAtMs: performance.now() });
    },
    finished(pool) {
      const state = stateOf(pool);
      state.started -= 1;
      state.ended.resolve();
      state.ended = Promise.withResolvers();
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
