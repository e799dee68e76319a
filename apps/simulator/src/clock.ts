/**
 * Milliseconds since the epoch with a fraction, from the monotonic clock: the value never goes back
 * when the wall clock is set.
 */
export function readClock(): number {
  return performance.timeOrigin + performance.now();
}
