/**
 * The slices in which providers count a quota. A provider that allows 600 requests a minute also
 * allows at most 10 in any second and 100 in any ten seconds; a fraction is rounded up.
 */

export interface Slice {
  lengthMs: number;
  /** The number of requests that any slice of this length may hold. */
  starts: number;
  /** How much longer Kiln makes the slice, because the way to the provider is uneven. */
  reserveMs: number;
}

/**
 * Two requests may arrive closer together than they were sent. The more requests a slice holds, the
 * more likely it is that one of them is unusual: 3 ms for a slice, and 0.4 ms for each request, but
 * between 0.3 and 2.5 % of its length (measured by `bench/pace.ts`).
 */
function reserveOf(lengthMs: number, starts: number, minuteMs: number): number {
  const wantedMs = ((3 + 0.4 * starts) * minuteMs) / 60_000;
  return Math.min(0.025 * lengthMs, Math.max(0.003 * lengthMs, wantedMs));
}

/** @param minuteMs 60,000 except where tests scale time */
export function slicesOf(rpm: number, minuteMs: number): Slice[] {
  return [60, 6, 1].map((share) => {
    const lengthMs = minuteMs / share;
    // Rounding errors of the division must not add a request.
    const starts = Math.max(1, Math.ceil(rpm / share - 1e-9));
    return { lengthMs, starts, reserveMs: reserveOf(lengthMs, starts, minuteMs) };
  });
}

/** The slice that an even spacing fills most: it leaves the least time for a late request. */
export function tightestSlice(slices: readonly Slice[], intervalMs: number): Slice {
  const roomOf = ({ lengthMs, starts }: Slice) => starts * intervalMs - lengthMs;
  return slices.reduce((tightest, slice) => (roomOf(slice) < roomOf(tightest) ? slice : tightest));
}
