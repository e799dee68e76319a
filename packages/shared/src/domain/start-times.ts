/**
 * When a job starts that others precede: from the pace of the pools that serve it, and from how
 * long they are closed.
 */

export interface PoolPace {
  /** Until the pool's next start; null where only a person can say, who has paused it. */
  readyInMs: number | null;
  /** Spacing of its starts. */
  spacingMs: number;
}

/**
 * How long until the start that `ahead` others precede, each taken by the pool that is free first.
 * Null where no pool will make one by itself.
 *
 * The starts made by a time t are Σ (⌊(t − ready) ÷ spacing⌋ + 1) over the pools that are ready by
 * then; the answer is the earliest t with ahead + 1 of them, found by bisection to the millisecond.
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
