/**
 * How many jobs a worker executes at a time and the queue engine holds, computed from the quota.
 */
import { mostStartsAMinute, type Quota } from './quota.ts';

/** The slowest answer to plan for: the providers' documentation says up to two minutes. */
const slowestAnswerMinutes = 2;
const headroom = 1.25;

/**
 * The number of calls in flight that a pool's worker must allow so that slow answers waste no
 * quota. Little's law: in flight = starts a minute × minutes that an answer takes; plus headroom,
 * and two jobs that wait for their start.
 */
export function workerConcurrency(quota: Quota): number {
  const starts = mostStartsAMinute(quota);
  return Math.min(1_000, Math.ceil(starts * slowestAnswerMinutes * headroom) + 2);
}

/**
 * The number of jobs that the queue engine holds ahead of time: a minute's worth. More would be
 * harder to cancel, pause and re-order. The lower limit covers the time between two passes of the
 * dispatcher; the upper limit bounds what a wiped engine loses.
 */
export function dispatchWindow(quota: Quota): number {
  return Math.min(1_000, Math.max(8, Math.ceil(mostStartsAMinute(quota))));
}
