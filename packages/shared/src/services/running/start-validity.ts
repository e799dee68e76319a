/**
 * Decides whether a start that the guard granted may still be used for a call.
 *
 * Problem: a call that is made long after its start, because the database was slow in between,
 * comes together with the calls of the starts behind it, and is one too many.
 * Approach: a start is valid for a limited time. Where the database is slow for every call, every
 * start would be too old and no call would ever be made; so after each start that was too old the
 * next ones are valid for twice as long, until a call is made soon after its start again. In pools
 * of up to 60 starts a minute the gap behind such a start is as long as it is valid.
 * Guarantee: no slice of the quota sees a start too many, as far as this process knows. Two workers
 * on a slow database that do not hear of each other's late calls may still be too close
 * (docs/adr/0004-pace.md).
 */
import type { Pace } from '../../quota/pace.ts';

export interface Start {
  /** When it was asked for, by `performance.now()`; it was granted after that. */
  askedAtMs: number;
  /** How long after `askedAtMs` it may be used. */
  validMs: number;
}

export interface StartValidity {
  /** How the next starts are to be asked for. */
  next(): {
    /** How long they are valid. */
    validMs: number;
    /** How much later than usual the start behind them has to be; 0 in normal times. */
    extraGapMs: number;
  };
  /** Call right before the request is sent, which it takes note of. False: do not use the start. */
  isStillValid(start: Start): boolean;
  /**
   * Takes note that the request has been written. True when that was so late that the next start
   * has to be spaced from this moment.
   */
  noteWritten(start: Start): boolean;
}

/** A call is too close to the one before it below this share of the spacing. */
const closestShare = 0.99;
/** A statement that takes longer than this is given up anyway. */
const longestValidMs = 60_000;

export function createStartValidity({ intervalMs, catchUpMs, latestMs }: Pace): StartValidity {
  /**
   * Up to 60 starts a minute each start has to keep its distance. Above that the starts of a whole
   * second count, and two of them may be close together.
   */
  const isEven = latestMs === intervalMs;
  let nextValidMs = latestMs;
  /** When the newest call began, or when its request had been written. */
  let calledAtMs = Number.NEGATIVE_INFINITY;

  return {
    next: () => ({
      validMs: nextValidMs,
      extraGapMs: isEven && nextValidMs > latestMs ? nextValidMs : 0,
    }),
    isStillValid({ askedAtMs, validMs }) {
      const now = performance.now();
      const ageMs = now - askedAtMs;
      const isInTime = ageMs <= validMs;
      if (!isInTime) nextValidMs = Math.min(Math.max(nextValidMs, validMs * 2), longestValidMs);
      else if (ageMs <= latestMs / 2) nextValidMs = latestMs;
      // The call before was so late that this start was granted before the guard knew.
      const isTooClose = isEven && now - calledAtMs < intervalMs * closestShare;
      if (!isInTime || isTooClose) return false;
      calledAtMs = now;
      return true;
    },
    noteWritten({ askedAtMs }) {
      calledAtMs = performance.now();
      // From when it was asked for: the late part may have been the guard's answer.
      return calledAtMs - askedAtMs > catchUpMs / 2;
    },
  };
}
