/**
 * When a delivery is tried, and when Kiln gives up. Pure: the random number and the length of a
 * minute are arguments.
 */

const secondsOfMinute = 60;
/** Pauses before each try, in seconds: none, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h. */
const pausesSeconds = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;
const jitter = 0.1;
/** The longest wait that a receiver may ask for: one day. A longer one is shortened to it. */
const longestWaitSeconds = 86_400;

export const mostTries = pausesSeconds.length;

/** An endpoint whose deliveries have all failed for this long is disabled. */
export const disabledAfterDays = 5;
/** After a rotation, the previous secret also signs for this long. */
export const rotationHours = 24;
/**
 * The number of secrets that sign at a time, the newest included, because the header has limited
 * room. With more rotations the oldest secret stops signing.
 */
export const mostSecrets = 10;

export interface ScheduleChance {
  /**
   * A random number from 0 to 1 that varies this delivery's pause, so that deliveries that failed
   * together do not all come back together.
   */
  random: number;
  /** 60,000 except in tests. */
  minuteMs: number;
}

/**
 * Returns how long to wait for the next try, or null after the last one.
 * @param triesMade tries of this run through the schedule, 1 to 8
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
