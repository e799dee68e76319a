/**
 * Spreads the return of jobs that are sent away at the same time: each returns a step after the one
 * before it. If they returned together, they would meet the same crowd again.
 */
export interface Stagger {
  /**
   * The delay of the next job, in ms: at least `firstMs`, a step after the job before it, and not
   * much longer than `longestMs`.
   */
  next(spread: { firstMs: number; stepMs: number; longestMs: number }): number;
  /** Forgets the jobs before: the next job does not wait a step after them. */
  reset(): void;
}

export function createStagger(): Stagger {
  let nextAtMs = 0;
  return {
    next({ firstMs, stepMs, longestMs }) {
      const now = performance.now();
      const atMs = Math.max(now + firstMs, nextAtMs);
      nextAtMs = Math.min(atMs + stepMs, now + longestMs);
      return atMs - now;
    },
    reset() {
      nextAtMs = 0;
    },
  };
}
