/**
 * Keeps what answers say of the provider's limits, per pool, and warns where the configuration
 * differs.
 *
 * Problem: every answer says it, most say nothing new, and some providers repeat numbers that are
 * not true. Approach: a pool's row is written when its limits have changed, when nothing remains of
 * one, and otherwise every few seconds at most. Guarantee: an answer never waits for this, and a
 * provider that says "nothing remains" without end is not believed for long.
 */
import {
  compareLimits,
  meters,
  type Meter,
  type ReportedLimits,
  type StoredLimits,
} from '../../domain/reported-limits.ts';
import type { Logger } from '../../logger.ts';
import type { PoolSettings } from '../../models/deployment.ts';
import type { PoolGuard } from '../../quota/pool-guard.ts';

/** Unchanged limits are written this often. */
const writeEveryMs = 10_000;
/**
 * So many waits in a row may change nothing. After them, `remaining: 0` of the meter is
 * ignored until an answer says that something remains.
 */
const mostWaits = 3;

export interface LimitReports {
  /** Never throws: a failure is logged. */
  note(source: { pool: string; deployment: string }, limits: ReportedLimits): void;
}

interface MeterState {
  waits: number;
  waitsUntilMs: number;
}

export function createLimitReports(options: {
  guard: PoolGuard;
  pools: readonly PoolSettings[];
  log: Logger;
  /** A monotonic clock; default: that of the process. */
  nowMs?: () => number;
}): LimitReports {
  const { guard, log, nowMs = () => performance.now() } = options;
  const states = new Map(
    options.pools.map((pool) => [
      pool.name,
      { pool, writtenAtMs: Number.NEGATIVE_INFINITY, limits: new Map(), meters: {} },
    ]),
  );
  type PoolState = {
    pool: PoolSettings;
    writtenAtMs: number;
    /** What each deployment has said last: two of them may have different limits. */
    limits: Map<string, string>;
    meters: Partial<Record<Meter, MeterState>>;
  };

  function warn({ pool }: PoolState, deployment: string, limits: ReportedLimits): void {
    const differences = compareLimits(pool, limits);
    if (differences.length > 0)
      log.warn(
        { pool: pool.name, deployment, differences },
        'the quota of a pool is not the one that the provider reports',
      );
  }

  /** The time until the reset, if the pool should wait for it. */
  function resetOf(state: PoolState, meter: Meter, limits: ReportedLimits): number | null {
    const { remaining = null, resetMs = null } = limits[meter] ?? {};
    if (remaining === null) return null;
    if (remaining > 0) {
      delete state.meters[meter];
      return null;
    }
    if (resetMs === null || resetMs === 0) return null;
    const known = (state.meters[meter] ??= { waits: 0, waitsUntilMs: 0 });
    // Answers that come during a wait belong to calls from before it.
    if (nowMs() >= known.waitsUntilMs) known.waits += 1;
    if (known.waits > mostWaits) return null;
    known.waitsUntilMs = Math.max(known.waitsUntilMs, nowMs() + resetMs);
    return resetMs;
  }

  async function write(
    state: PoolState,
    deployment: string,
    limits: ReportedLimits,
  ): Promise<void> {
    const used: Partial<Record<Meter, { resetMs: number }>> = {};
    for (const meter of meters) {
      const resetMs = resetOf(state, meter, limits);
      if (resetMs !== null) used[meter] = { resetMs };
    }
    const usedMeters = Object.keys(used);
    const text = JSON.stringify(meters.map((meter) => limits[meter]?.limit));
    const isNew = text !== state.limits.get(deployment);
    if (isNew) warn(state, deployment, limits);
    state.limits.set(deployment, text);
    const isDue = nowMs() - state.writtenAtMs >= writeEveryMs;
    if (!isNew && !isDue && usedMeters.length === 0) return;
    state.writtenAtMs = nowMs();
    const waitMs = await guard.reported(state.pool.name, toStored(deployment, limits), used);
    if (waitMs !== null)
      log.info(
        { pool: state.pool.name, deployment, meters: usedMeters, waitMs },
        'nothing remains of the quota, says the provider: the pool waits for its reset',
      );
  }

  return {
    note({ pool, deployment }, limits) {
      const state = states.get(pool);
      if (state === undefined) return;
      void write(state, deployment, limits).catch((err: unknown) =>
        log.warn({ err, pool }, 'the limits that a provider reports could not be kept'),
      );
    },
  };
}

function toStored(deployment: string, limits: ReportedLimits): StoredLimits {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const stored: StoredLimits = { deployment, at: nowSeconds };
  for (const meter of meters) {
    const { limit, remaining, resetMs } = limits[meter] ?? {};
    if (limit === undefined || remaining === undefined || resetMs === undefined) continue;
    const resetAt = resetMs === null ? null : nowSeconds + Math.ceil(resetMs / 1_000);
    stored[meter] = { limit, remaining, reset_at: resetAt };
  }
  return stored;
}
