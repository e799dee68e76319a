/**
 * Estimates when a waiting job starts, from the number of jobs before it, the pace of the pools
 * that serve it, and how long these pools are closed.
 */

export interface PoolPace {
  /**
   * The time until the pool's next start. Null: an operator has paused the pool, so it has none.
   */
  readyInMs: number | null;
  /** The time between two starts. */
  spacingMs: number;
}

/**
 * Returns the time until the start that follows `ahead` others, each taken by the pool that is free
 * first; null if no pool will start a job by itself.
 *
 * The starts made by a time t are Σ (⌊(t − ready) ÷ spacing⌋ + 1) over the pools that are ready by
 * then. The answer is the earliest t with ahead + 1 of them, found by bisection to the millisecond.
 */
export function msUntilStart(ahead: number, pools: readonly PoolPace[]): number | null {
  const open = pools.flatMap(({ readyInMs, spacingMs }) =>
    readyInMs === null ? [] : [{ readyInMs, spacingMs }],
  );
  if (open.length === 0) return null;
  const startsBy = (ms: number) =>
    open.reduce(
      (sum, { readyInMs, spacingMs }) =>
        sum + (ms < readyInMs ? 0 : Math.floor((ms - readyInMs) / spacingMs) + 1),
      0,
    );
  let tooEarly = -1;
  let enough = Math.ceil(
    Math.min(...open.map(({ readyInMs, spacingMs }) => readyInMs + ahead * spacingMs)),
  );
  while (enough - tooEarly > 1) {
    const middle = Math.floor((tooEarly + enough) / 2);
    if (startsBy(middle) > ahead) enough = middle;
    else tooEarly = middle;
  }
  return enough;
}
