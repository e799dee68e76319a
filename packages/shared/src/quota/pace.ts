/**
 * Pace arithmetic. Starts are spaced evenly, one every 60/RPM s, because the provider also checks
 * slices of 1 s and of 10 s of a minute.
 *
 * Clocks and cables make two calls arrive a little closer than they were started. So the spacing is
 * wider than the quota asks by a small share, `slack`, and a start that was taken late may be made
 * up for by a smaller one, `catchUp`: lateness does not add up to lost quota, and no minute, and no
 * slice of one, sees a start too many. What a call loses on its way (a slow handshake) is added by
 * `PoolGuard.requestWritten`, which spaces from the moment the request was written.
 */

const slack = 0.006;
const catchUp = 0.004;

export interface Pace {
  /** Spacing of starts. */
  intervalMs: number;
  /** How much of a lateness the next start may make up for. */
  catchUpMs: number;
  /**
   * A start that has been waiting for its call for longer is over: others have had the starts
   * behind it, and the slice may be full. Behind one that was over they are valid for longer
   * (`services/running/start-gate.ts`).
   */
  latestMs: number;
}

/** The pace for `rpm` requests a minute; `minuteMs` is 60,000 except where tests scale time. */
export function paceOf(rpm: number, minuteMs: number): Pace {
  const intervalMs = (minuteMs / rpm) * (1 + slack);
  // Above one start a second it is the starts of a whole second that must not be too many.
  const latestMs = Math.max(intervalMs, minuteMs / 60);
  return { intervalMs, catchUpMs: catchUp * latestMs, latestMs };
}
