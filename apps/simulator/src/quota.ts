/**
 * The provider's request quota: so many starts in any minute, and a sixth of them (rounded up) in
 * any ten seconds, because Azure checks the minute in slices. The minute can be scaled for tests.
 *
 * What takes quota: every call that reaches the model, whether it succeeds or fails (Azure: failed
 * calls count). What does not: a call answered 429 by this quota, and calls turned away at the door
 * (401, 403, 404).
 */
export interface QuotaLimits {
  /** 0 is no limit. */
  rpm: number;
  minuteMs: number;
  /** A start this much too early still counts as on time: clocks and networks jitter. */
  toleranceMs: number;
}

export type QuotaTaking =
  | { status: 'taken'; remaining: number }
  | { status: 'refused'; waitMs: number; used: number };

export interface Quota {
  /** `now` in milliseconds, never falling. */
  take(key: string, now: number, limits: QuotaLimits): QuotaTaking;
  clear(): void;
}

export function createQuota(): Quota {
  const startsByKey = new Map<string, number[]>();
  return {
    take(key, now, limits) {
      if (limits.rpm === 0) return { status: 'taken', remaining: Number.MAX_SAFE_INTEGER };
      const starts = (startsByKey.get(key) ?? []).filter((start) => now - start < limits.minuteMs);
      startsByKey.set(key, starts);
      const waits = buildWindows(limits).map(({ max, lengthMs }) =>
        findWait(starts, now, max, lengthMs, limits.toleranceMs),
      );
      const waitMs = Math.ceil(Math.max(...waits));
      if (waitMs > 0) return { status: 'refused', waitMs, used: starts.length };
      starts.push(now);
      return { status: 'taken', remaining: Math.max(0, limits.rpm - starts.length) };
    },
    clear: () => startsByKey.clear(),
  };
}

export function buildWindows({ rpm, minuteMs }: QuotaLimits): { max: number; lengthMs: number }[] {
  return [
    { max: rpm, lengthMs: minuteMs },
    { max: Math.ceil(rpm / 6), lengthMs: minuteMs / 6 },
  ];
}

/**
 * Milliseconds until a start is allowed; 0 for now. The hint is the whole way: tolerance is for the
 * late, not a promise.
 */
function findWait(
  starts: readonly number[],
  now: number,
  max: number,
  lengthMs: number,
  toleranceMs: number,
): number {
  // Half a window at least stays guarded, however short the scaled minute is.
  const guardedMs = lengthMs - Math.min(toleranceMs, lengthMs / 2);
  const inside = starts.filter((start) => now - start < guardedMs);
  const oldest = inside[inside.length - max];
  return oldest === undefined ? 0 : oldest + lengthMs - now;
}
