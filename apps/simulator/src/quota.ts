import type { Arrival } from './arrivals.ts';

/**
 * The provider's request quota: at most `rpm` starts in any minute, and a sixth of them (rounded
 * up) in any ten seconds, because Azure checks the minute in slices. Tests can scale the minute.
 *
 * Every call that reaches the model takes quota, whether it succeeds or fails (Azure counts failed
 * calls). Calls that this quota answers with 429, and calls refused before the model (401, 403,
 * 404), take none.
 */
export interface QuotaLimits {
  /** 0: no limit. */
  rpm: number;
  minuteMs: number;
  /**
   * A start that is early by at most this much still counts as on time, because clocks and networks
   * jitter.
   */
  toleranceMs: number;
  /** Into how many slices the minute is divided for each check; default: `usualSlices`. */
  slices?: readonly number[];
}

/** The whole minute, and slices of ten seconds. */
export const usualSlices: readonly number[] = [1, 6];

export type QuotaTaking =
  | { status: 'taken'; remaining: number }
  | { status: 'refused'; waitMs: number; used: number };

export interface Quota {
  /**
   * Refuses a call that is certainly one too many. `at` is in milliseconds and must never decrease;
   * a start counts from its `earliest`.
   */
  take(key: string, arrival: Arrival, limits: QuotaLimits): QuotaTaking;
  clear(): void;
}

export function createQuota(): Quota {
  const startsByKey = new Map<string, number[]>();
  return {
    take(key, { earliest, at: now }, limits) {
      if (limits.rpm === 0) return { status: 'taken', remaining: Number.MAX_SAFE_INTEGER };
      const starts = (startsByKey.get(key) ?? []).filter((start) => now - start < limits.minuteMs);
      startsByKey.set(key, starts);
      const waits = buildWindows(limits).map(({ max, lengthMs }) =>
        findWait(starts, now, max, lengthMs, limits.toleranceMs),
      );
      const waitMs = Math.ceil(Math.max(...waits));
      if (waitMs > 0) return { status: 'refused', waitMs, used: starts.length };
      starts.push(earliest);
      return { status: 'taken', remaining: Math.max(0, limits.rpm - starts.length) };
    },
    clear: () => startsByKey.clear(),
  };
}

export function buildWindows({
  rpm,
  minuteMs,
  slices = usualSlices,
}: QuotaLimits): { max: number; lengthMs: number }[] {
  return slices.map((parts) => ({ max: Math.ceil(rpm / parts), lengthMs: minuteMs / parts }));
}

/**
 * Milliseconds until a start is allowed; 0: allowed now. The returned wait covers the whole window
 * and ignores the tolerance.
 */
function findWait(
  starts: readonly number[],
  now: number,
  max: number,
  lengthMs: number,
  toleranceMs: number,
): number {
  // Guard at least half a window, however short the scaled minute is.
  const guardedMs = lengthMs - Math.min(toleranceMs, lengthMs / 2);
  const inside = starts.filter((start) => now - start < guardedMs);
  const oldest = inside[inside.length - max];
  return oldest === undefined ? 0 : oldest + lengthMs - now;
}
