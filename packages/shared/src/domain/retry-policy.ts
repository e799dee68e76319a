/** What follows an attempt that did not succeed. Pure: the caller brings the counts and the dice. */

/** A job that was in the hands of so many lost workers may be what they died of: it is failed, and not tried again by itself. */
export const crashesOfPoison = 3;

export type UnknownOutcomePolicy = 'retry_once' | 'hold' | 'retry';

export interface AttemptHistory {
  /** Attempts that count: everything but `refused`. The one being decided upon is included. */
  made: number;
  /** Of those, with an unknown outcome and with an unusable answer. */
  unknown: number;
  unusable: number;
  /** Refused calls in a row up to now. */
  refusedInARow: number;
}

export interface RetrySettings {
  maxAttempts: number;
  unknownOutcome: UnknownOutcomePolicy;
}

export type RetryDecision = { action: 'retry'; delayMs: number } | { action: 'fail' } | { action: 'hold' };

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/**
 * Decides by the class of the fault.
 * @param fault its class; where `poolWaits`, the pool's block is the delay
 * @param dice a random number in [0, 1), for the jitter
 */
export function decideAfter(
  fault: { class: 'refused'; poolWaits: boolean } | { class: 'rejected' | 'unknown' | 'unusable' },
  history: AttemptHistory,
  settings: RetrySettings,
  dice: number,
): RetryDecision {
  switch (fault.class) {
    case 'refused':
      return { action: 'retry', delayMs: fault.poolWaits ? 0 : backoffMs(history.refusedInARow, dice) };
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

function decideAfterUnknown(history: AttemptHistory, settings: RetrySettings, dice: number): RetryDecision {
  if (settings.unknownOutcome === 'hold') return { action: 'hold' };
  const allowed = settings.unknownOutcome === 'retry_once' ? 1 : Number.POSITIVE_INFINITY;
  return history.unknown <= allowed && history.made < settings.maxAttempts
    ? { action: 'retry', delayMs: backoffMs(history.unknown, dice) }
    : { action: 'fail' };
}

/** Exponential backoff with full jitter over its upper half: 1 s, 2 s, 4 s … 60 s, each times 0.5–1. */
export function backoffMs(timesInARow: number, dice: number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, timesInARow - 1));
  return Math.ceil(delay * (0.5 + dice / 2));
}
