/**
 * How many jobs a worker executes at a time and the queue engine holds, computed from the quota.
 */
import { mostStartsAMinute, type Quota } from './quota.ts';

/** The slowest answer to plan for: the providers' documentation says up to two minutes. */
const slowestAnswerMinutes = 2;
const headroom = 1.25;

/** The most calls of a pool in one process: each needs a socket and some memory. */
const mostCalls = 3_000;
/** The most jobs of a pool that one process holds before their starts. */
const mostWaiting = 100;
/** The jobs that start within this share of a minute are held before their starts. */
const aheadMinutes = 1 / 60;

/**
 * The number of calls in flight that a pool's worker must allow so that slow answers waste no
 * quota. Little's law: in flight = starts a minute × minutes that an answer takes; plus headroom,
 * and two more.
 */
export function callsAtATime(quota: Quota): number {
  const starts = mostStartsAMinute(quota);
  return Math.min(mostCalls, Math.ceil(starts * slowestAnswerMinutes * headroom) + 2);
}

/**
 * The number of jobs of a pool that a worker claims before they have a start: those that start
 * within a second, and two more, because they take some time to prepare. All others wait in the
 * queue engine, where a more urgent job can still overtake them, and where they are not lost with a
 * worker.
 */
export function jobsBeforeStart(quota: Quota): number {
  return Math.min(mostWaiting, Math.ceil(mostStartsAMinute(quota) * aheadMinutes) + 2);
}

/**
 * The number of jobs that the queue engine holds ahead of time: a minute's worth. More would be
 * harder to cancel, pause and re-order. The lower limit covers the time between two passes of the
 * dispatcher; the upper limit bounds what a wiped engine loses.
 */
export function dispatchWindow(quota: Quota): number {
  return Math.min(1_000, Math.max(8, Math.ceil(mostStartsAMinute(quota))));
}
