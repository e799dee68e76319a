/**
 * The provider's quota of images and tokens a minute, beside that of requests (`quota.ts`). It is a
 * strict referee: no minute, wherever it begins, may hold more than the limit. A call is weighed by
 * what it will be billed for, when it arrives. Calls that are refused take nothing.
 */
import type { Weight } from './tokens.ts';

export interface MeterLimits {
  /** 0: no limit. */
  ipm: number;
  tpm: number;
  minuteMs: number;
  toleranceMs: number;
}

export interface MeterRefusal {
  meter: keyof Weight;
  limit: number;
  used: number;
  requested: number;
  waitMs: number;
}

/** What remains of a limited meter, and when there will be more. */
export interface MeterState {
  limit: number;
  remaining: number;
  resetMs: number;
}

export interface Meters {
  /** Null: the call fits. `now` is in milliseconds and must never decrease. */
  check(key: string, now: number, limits: MeterLimits, weight: Weight): MeterRefusal | null;
  take(key: string, now: number, weight: Weight): void;
  read(key: string, now: number, limits: MeterLimits): Partial<Record<keyof Weight, MeterState>>;
  clear(): void;
}

interface Start extends Weight {
  at: number;
}

export function createMeters(): Meters {
  const startsByKey = new Map<string, Start[]>();

  function startsOf(key: string, now: number, { minuteMs }: MeterLimits): Start[] {
    const starts = (startsByKey.get(key) ?? []).filter(({ at }) => now - at < minuteMs);
    startsByKey.set(key, starts);
    return starts;
  }

  return {
    check(key, now, limits, weight) {
      const starts = startsOf(key, now, limits);
      const refusals = limitsOf(limits).flatMap(([meter, limit]) => {
        const counted = starts.filter(
          ({ at }) =>
            now - at < limits.minuteMs - Math.min(limits.toleranceMs, limits.minuteMs / 2),
        );
        const used = sumOf(counted, meter);
        const requested = weight[meter];
        if (used + requested <= limit) return [];
        const waitMs = waitFor(counted, meter, used + requested - limit, now, limits.minuteMs);
        return [{ meter, limit, used, requested, waitMs }];
      });
      return refusals.toSorted((one, other) => other.waitMs - one.waitMs)[0] ?? null;
    },
    take(key, now, weight) {
      const starts = startsByKey.get(key) ?? [];
      starts.push({ ...weight, at: now });
      startsByKey.set(key, starts);
    },
    read(key, now, limits) {
      const starts = startsOf(key, now, limits);
      return Object.fromEntries(
        limitsOf(limits).map(([meter, limit]) => {
          const remaining = Math.max(0, limit - sumOf(starts, meter));
          const next = remaining > 0 ? starts.at(-1) : starts[0];
          const resetMs = next === undefined ? 0 : Math.ceil(next.at + limits.minuteMs - now);
          return [meter, { limit, remaining, resetMs }];
        }),
      );
    },
    clear: () => startsByKey.clear(),
  };
}

function limitsOf({ ipm, tpm }: MeterLimits): [keyof Weight, number][] {
  const limits: [keyof Weight, number][] = [
    ['images', ipm],
    ['tokens', tpm],
  ];
  return limits.filter(([, limit]) => limit > 0);
}

function sumOf(starts: readonly Start[], meter: keyof Weight): number {
  return starts.reduce((sum, start) => sum + start[meter], 0);
}

/** Until enough of the starts are older than a minute; a minute if they can never be enough. */
function waitFor(
  starts: readonly Start[],
  meter: keyof Weight,
  excess: number,
  now: number,
  minuteMs: number,
): number {
  let freed = 0;
  for (const start of starts) {
    freed += start[meter];
    if (freed >= excess) return Math.ceil(start.at + minuteMs - now);
  }
  return Math.ceil(minuteMs);
}
