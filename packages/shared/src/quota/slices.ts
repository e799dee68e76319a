/**
 * The slices in which providers count a quota. A provider that allows 600 requests a minute also
 * allows at most 10 in any second and 100 in any ten seconds; a fraction is rounded up.
 */

export interface Slice {
  lengthMs: number;
  /** The number of requests that any slice of this length may hold. */
  starts: number;
}

/** @param minuteMs 60,000 except where tests scale time */
export function slicesOf(rpm: number, minuteMs: number): Slice[] {
  return [60, 6, 1].map((share) => ({
    lengthMs: minuteMs / share,
    // Rounding errors of the division must not add a request.
    starts: Math.max(1, Math.ceil(rpm / share - 1e-9)),
  }));
}

/** The slice that an even spacing fills most: it leaves the least time for a late request. */
export function tightestSlice(slices: readonly Slice[], intervalMs: number): Slice {
  const roomOf = ({ lengthMs, starts }: Slice) => starts * intervalMs - lengthMs;
  return slices.reduce((tightest, slice) => (roomOf(slice) < roomOf(tightest) ? slice : tightest));
}
