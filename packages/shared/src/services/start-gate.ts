/**
 * Waits for a start of a pool on behalf of this process: one at a time, in order, so that a hundred waiting jobs ask the database as
 * rarely as one. The start itself is granted by `quota/pool-guard.ts` and by nothing else.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import type { Pace } from '../quota/pace.ts';
import type { PoolGuard, StartOutcome } from '../quota/pool-guard.ts';

export type GateOutcome =
  | Extract<StartOutcome, { status: 'taken' }>
  /** The wait is not worth a worker's place: come back in `delayMs`. */
  | { status: 'later'; delayMs: number };

export interface StartGate {
  take(pool: string): Promise<GateOutcome>;
  /** The request of a start has left, so long after it was taken. What a usual call needs is within the pace's slack. */
  left(pool: string, lateMs: number): void;
}

/** A pool that is blocked for longer than this is not waited for with a claimed job. */
const patienceMs = 1_000;
/** A block may end sooner than it said, and jobs that came meanwhile want the places of those that wait for it. */
const longestDelayMs = 60_000;
/** Jobs worth keeping ready: a second's worth of starts, and always the next two. */
const readyMs = 1_000;

export function createStartGate(options: {
  guard: PoolGuard;
  pools: readonly { name: string; pace: Pace }[];
  /** Aborted at shutdown: who waits then is sent away. */
  stopping: AbortSignal;
  log: Logger;
}): StartGate {
  const { guard, stopping, log } = options;
  const lanes = new Map(
    options.pools.map(({ name, pace }) => [
      name,
      {
        ...pace,
        room: Math.max(2, Math.ceil(readyMs / pace.intervalMs)),
        waiting: 0,
        last: Promise.resolve(),
      },
    ]),
  );

  async function waitForStart(pool: string): Promise<GateOutcome> {
    for (;;) {
      if (stopping.aborted) return { status: 'later', delayMs: 0 };
      const start = await guard.take(pool);
      if (start.status === 'taken') return start;
      if (start.blocked && start.waitMs > patienceMs) {
        return { status: 'later', delayMs: Math.min(start.waitMs, longestDelayMs) };
      }
      await delay(start.waitMs, undefined, { signal: stopping }).catch(ignoreAbort);
    }
  }

  function laneOf(pool: string) {
    const lane = lanes.get(pool);
    if (lane === undefined) throw new Error(`there is no pool "${pool}" in the configuration`);
    return lane;
  }

  return {
    left(pool, lateMs) {
      if (lateMs <= laneOf(pool).catchUpMs / 2) return;
      // The call is under way whether this succeeds or not; a database that is away now also grants no further start.
      guard.left(pool).catch((err: unknown) => log.warn({ err, pool }, 'a late start could not be recorded'));
    },
    async take(pool) {
      const lane = laneOf(pool);
      if (lane.waiting >= lane.room) return { status: 'later', delayMs: lane.waiting * lane.intervalMs };
      lane.waiting += 1;
      const turn = lane.last.then(() => waitForStart(pool));
      lane.last = turn.then(ignore, ignore);
      return turn.finally(() => (lane.waiting -= 1));
    },
  };
}

function ignore(): void {
  // whoever waits next only needs to know that this turn is over
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
