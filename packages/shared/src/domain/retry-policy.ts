/**
 * What follows an attempt that did not succeed. Pure: the caller brings the counts and the dice.
 */

/**
 * A job that was in the hands of so many lost workers may be what they died of: it is failed, and
 * not tried again by itself.
 */
export const crashesOfPoison = 3;

/**
 * So often a request may break off while it is written: one that always does is too much for the
 * line, and takes a start each time.
 */
const mostUnsendable = 5;
/** Short disturbances of the line should be over by then. */
const unsendableHeadStart = 3;

export type UnknownOutcomePolicy = 'retry_once' | 'hold' | 'retry';

export interface AttemptHistory {
  /** Attempts that count: everything but `refused`. The one being decided upon is included. */
  made: number;
  /** Of those, with an unknown outcome and with an unusable answer. */
  unknown: number;
  unusable: number;
  /** Refused calls in a row up to now. */
  refusedInARow: number;
  /** Of those, broken off while the request was written. */
  unsendable: number;
}

export interface RetrySettings {
  maxAttempts: number;
  unknownOutcome: UnknownOutcomePolicy;
}

export type RefusalReason = 'pool_waits' | 'unsendable' | 'unreachable';

export type RetryDecision =
  | { action: 'retry'; delayMs: number }
  | { action: 'fail' }
  | { action: 'hold' };

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * Decides by the class of the fault.
 * @param fault its class, and of a refusal why: the pool's block is the delay, the request broke
 * off while it was written, or neither
 * @param dice a random number in [0, 1), for the jitter
 */
export function decideAfter(
  fault:
    | { class: 'refused'; because: RefusalReason }
    | { class: 'rejected' | 'unknown' | 'unusable' },
  history: AttemptHistory,
  settings: RetrySettings,
  dice: number,
): RetryDecision {
  switch (fault.class) {
    case 'refused':
      return decideAfterRefusal(fault.because, history, dice);
    case 'rejected':
      return { action: 'fail' };
    case 'unusable':
      return history.unusable <= 1 && history.made < settings.maxAttempts
        ? { action: 'retry', delayMs: backoffMs(history.unusable, dice) }
        : { action: 'fail' };
    case 'unknown':
      return decideAfterUnknown(history, settings, dice);
  }
}

function decideAfterRefusal(
  because: RefusalReason,
  { refusedInARow, unsendable }: AttemptHistory,
  dice: number,
): RetryDecision {
  switch (because) {
    case 'pool_waits':
      return { action: 'retry', delayMs: 0 };
    case 'unreachable':
      return { action: 'retry', delayMs: backoffMs(refusedInARow, dice) };
    case 'unsendable':
      return unsendable < mostUnsendable
        ? { action: 'retry', delayMs: backoffMs(unsendable + unsendableHeadStart, dice) }
        : { action: 'fail' };
  }
}

function decideAfterUnknown(
  history: AttemptHistory,
  settings: RetrySettings,
  dice: number,
): RetryDecision {
  if (settings.unknownOutcome === 'hold') return { action: 'hold' };
  const allowed = settings.unknownOutcome === 'retry_once' ? 1 : Number.POSITIVE_INFINITY;
  return history.unknown <= allowed && history.made < settings.maxAttempts
    ? { action: 'retry', delayMs: backoffMs(history.unknown, dice) }
    : { action: 'fail' };
}

/**
 * Exponential backoff with full jitter over its upper half: 1 s, 2 s, 4 s … 60 s, each times 0.5–1.
 */
export function backoffMs(timesInARow: number, dice: number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, timesInARow - 1));
  return Math.ceil(delay * (0.5 + dice / 2));
}
