/**
 * When a delivery is tried, and when its receiver is given up. Pure: chance and the length of a
 * minute are arguments.
 */

const secondsOfMinute = 60;
/** After the try before, in seconds: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. */
const pausesSeconds = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;
const jitter = 0.1;
/** A receiver may ask for a day; who asks for more is tried all the same. */
const longestWaitSeconds = 86_400;

export const mostTries = pausesSeconds.length;

/** An endpoint that failed for so long without a success is disabled. */
export const disabledAfterDays = 5;
/** The secret before a rotation signs for so long beside the new one. */
export const rotationHours = 24;
/**
 * That sign at a time, the newest included: a header has room for so many. Who rotates more often
 * has the oldest one stop.
 */
export const mostSecrets = 10;

export interface ScheduleChance {
  /**
   * 0 to 1: how this delivery's pause differs from others', so that those that failed together do
   * not come back together.
   */
  random: number;
  /** 60,000 but in tests. */
  minuteMs: number;
}

/**
 * How long to wait for the next try, or null where that was the last one.
 * @param triesMade of this run through the schedule, 1 to 8
 * @param retryAfterMs what the receiver asked for; the pause is never shorter than the schedule's
 */
export function nextPauseMs(
  triesMade: number,
  retryAfterMs: number | null,
  { random, minuteMs }: ScheduleChance,
): number | null {
  const pause = pausesSeconds[triesMade];
  if (pause === undefined) return null;
  const secondMs = minuteMs / secondsOfMinute;
  const jittered = pause * (1 + jitter * (2 * random - 1)) * secondMs;
  const asked = Math.min((retryAfterMs ?? 0) / 1_000, longestWaitSeconds) * secondMs;
  return Math.ceil(Math.max(jittered, asked));
}
