/**
 * The arithmetic of the pace. Starts are spaced evenly, one every 60/RPM seconds and a little more,
 * because providers also check slices of 1 s and of 10 s of a minute (docs/adr/0004-pace.md).
 */
import { mostStartsAMinute, type Quota } from '../domain/quota.ts';
import { slicesOf, tightestSlice, type Slice } from './slices.ts';

/** Two calls may arrive closer together than they started. The spacing is wider by this share. */
const slack = 0.006;
/** Where the tightest slice holds one start, a late start is made up for by this share. */
const catchUpShare = 0.004;

export interface Pace {
  /** The spacing of starts. */
  intervalMs: number;
  /** A start that was not taken in time keeps its place in the schedule for this long. */
  catchUpMs: number;
  /** A call that is later than this takes another start. */
  latestMs: number;
  slices: readonly Slice[];
  /** The slice that is full first. */
  tightest: Slice;
}

/**
 * The pace of the lightest starts of a quota; `minuteMs` is 60,000 except where tests scale time.
 */
export function paceOf(quota: Quota, minuteMs: number): Pace {
  const rpm = mostStartsAMinute(quota);
  const intervalMs = (minuteMs / rpm) * (1 + slack);
  const slices = slicesOf(rpm, minuteMs);
  const tightest = tightestSlice(slices, intervalMs);
  return {
    intervalMs,
    catchUpMs: tightest.starts === 1 ? catchUpShare * tightest.lengthMs : minuteMs / 240,
    latestMs: Math.max(intervalMs / 2, minuteMs / 120),
    slices,
    tightest,
  };
}

/**
 * The least time between the first request in a full slice and the first one after it.
 * @param latenessMs how much later than planned requests are sent at times
 */
export function sliceSpanMs({ lengthMs, reserveMs }: Slice, latenessMs: number): number {
  return lengthMs + reserveMs + latenessMs / 2;
}

/** The spacing that leaves room for requests that are late by `latenessMs`. */
export function spacingOf({ intervalMs, slices }: Pace, latenessMs: number): number {
  const spacings = slices.map(
    ({ lengthMs, reserveMs, starts }) => (lengthMs + reserveMs + latenessMs) / starts,
  );
  return Math.max(intervalMs, ...spacings);
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
