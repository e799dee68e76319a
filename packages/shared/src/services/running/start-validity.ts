/**
 * Decides whether a start that the guard granted may still be used for a call.
 *
 * Problem: if the database is slow between a start and its call, the call is made together with the
 * calls of later starts, and the quota sees one call too many.
 * Approach: a start is valid for a limited time. If the database were slow for every call, every
 * start would be too old and no call would ever be made. So after each start that was too old, the
 * next ones are valid for twice as long, until a call is made soon after its start again. In pools
 * of up to 60 starts a minute, the start after one that is valid for longer comes later than usual
 * by that validity.
 * Guarantee: no slice of the quota sees a start too many, as far as this process knows. On a slow
 * database two workers may not learn of each other's late calls, and their calls may still be too
 * close (docs/adr/0004-pace.md).
 */
import type { Pace } from '../../quota/pace.ts';

export interface Start {
  /** When the gate asked for the start, by `performance.now()`; it was granted after that. */
  askedAtMs: number;
  /** When the guard granted it, by the database's clock, in ms since 1970. */
  grantedAtMs: number;
  /** How long after `askedAtMs` it may be used. */
  validMs: number;
}

export interface StartValidity {
  /** The terms on which the gate asks for the next starts. */
  next(): {
    /** How long they are valid. */
    validMs: number;
    /** How much later than usual the start after them is due; 0 in normal times. */
    extraGapMs: number;
  };
  /**
   * Call right before the request is sent; records the time of the call. Returns false if the start
   * must not be used.
   */
  isStillValid(start: Start): boolean;
  /**
   * Records that the request has been written. Returns true if that was so late that the next start
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
      // The previous call was so late that the guard granted this start before it knew of that.
      const isTooClose = isEven && now - calledAtMs < intervalMs * closestShare;
      if (!isInTime || isTooClose) return false;
      calledAtMs = now;
      return true;
    },
    noteWritten({ askedAtMs }) {
      calledAtMs = performance.now();
      // Measure from the time when the start was asked for: the guard's answer may have been the
      // slow part.
      return calledAtMs - askedAtMs > catchUpMs / 2;
    },
  };
}
