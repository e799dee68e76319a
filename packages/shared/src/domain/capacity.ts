/**
 * How much work a worker holds and how much the queue engine is handed, computed from the quota.
 */

/** The slowest answer worth planning for: the providers' documentation says up to two minutes. */
const slowestAnswerMinutes = 2;
const headroom = 1.25;

/**
 * Calls in flight that a pool's worker must allow so that slow answers waste no quota. Little's
 * law: in flight = starts a minute × minutes an answer takes; plus headroom, and two jobs that wait
 * for their start.
 */
export function workerConcurrency(rpm: number): number {
  return Math.min(1_000, Math.ceil(rpm * slowestAnswerMinutes * headroom) + 2);
}

/**
 * Jobs handed to the queue engine ahead of time: a minute's worth. More would only be harder to
 * cancel, pause and re-order; the floor covers a pause between two looks of the dispatcher, the
 * ceiling bounds what an engine loses when it is wiped.
 */
export function dispatchWindow(rpm: number): number {
  return Math.min(1_000, Math.max(8, Math.ceil(rpm)));
}
