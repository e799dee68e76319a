/**
 * The arithmetic of the pace. Starts are spaced evenly, one every 60/RPM seconds, because providers
 * also check slices of 1 s and of 10 s of a minute (docs/adr/0004-pace.md).
 */
import { mostStartsAMinute, type Quota } from '../domain/quota.ts';

/** Two calls may arrive closer together than they started. The spacing is wider by this share. */
const slack = 0.006;
/**
 * A start that was taken late delays the next one by its lateness, minus at most this share, so
 * that lateness does not add up to lost quota. The share is smaller than the slack, so no slice of
 * a minute sees a start too many. `PoolGuard.requestWritten` adds the time that a call loses on its
 * way.
 */
const catchUp = 0.004;

export interface Pace {
  /** The spacing of starts. */
  intervalMs: number;
  /** The next start makes up for at most this much of a start's lateness. */
  catchUpMs: number;
  /**
   * How long a start is valid. After that its call must not be made: later starts were used
   * already, and the slice may be full. `services/running/start-validity.ts` applies this limit.
   */
  latestMs: number;
}

/**
 * The pace of the lightest starts of a quota; `minuteMs` is 60,000 except where tests scale time.
 */
export function paceOf(quota: Quota, minuteMs: number): Pace {
  const intervalMs = (minuteMs / mostStartsAMinute(quota)) * (1 + slack);
  // Above one start a second the provider counts the starts of a whole second.
  const latestMs = Math.max(intervalMs, minuteMs / 60);
  return { intervalMs, catchUpMs: catchUp * latestMs, latestMs };
}

/** How the guard keeps the meters of a pool beside the pace of its starts. */
export interface MeterPace {
  /** The minute over which the meters are counted: the provider's, with the slack of the pace. */
  minuteMs: number;
  /** The time that one image and one token take of their meters; null: they are not counted. */
  imageMs: number | null;
  tokenMs: number | null;
}

export function meterPaceOf({ ipm, tpm }: Quota, minuteMs: number): MeterPace {
  const countedMs = minuteMs * (1 + slack);
  return {
    minuteMs: countedMs,
    imageMs: ipm === null ? null : countedMs / ipm,
    tokenMs: tpm === null ? null : countedMs / tpm,
  };
}
