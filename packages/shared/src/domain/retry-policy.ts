/**
 * Decides what follows an attempt that did not succeed. Pure: the caller passes the counts and the
 * random number.
 */

/**
 * The number of workers that may die while they execute a job. After that the job itself may be the
 * cause: it fails, and is not retried by itself.
 */
export const maxCrashes = 3;

/**
 * The number of runs of a job that an error in Kiln may stop; an unavailable database or store does
 * not count. After that the job fails.
 */
export const maxFailedRuns = 5;

/**
 * The number of workers that may be lost during one step of a batch. After that the batch fails.
 */
export const maxLostWorkers = 10;

/** The pause after the first failed run of a work item; it doubles with each further one. */
export const failedRunPauseMs = 5_000;
export const longestFailedRunPauseMs = 300_000;
/**
 * The pause after a statement that took too long. The database may be busy for a while: 15 minutes
 * pass until the last run.
 */
export const timedOutRunPauseMs = 60_000;

/**
 * How often a request may break off while it is being written. A request that always does is too
 * large for the connection, and uses up a start each time.
 */
const mostUnsendable = 5;
/** Short network problems should be over after this many tries. */
const unsendableHeadStart = 3;

/** Unusable answers, and with `retry_once` unknown outcomes, that another call follows. */
const mostUnusable = 1;
const mostUnknown = 1;

export type UnknownOutcomePolicy = 'retry_once' | 'hold' | 'retry';

export interface AttemptHistory {
  /** Attempts that count: all but `refused`. The one to decide about is included. */
  made: number;
  /** Attempts among `made` with an unknown outcome, an unusable answer, and a rejection. */
  unknown: number;
  unusable: number;
  rejected: number;
  /** Refused calls in a row until now. */
  refusedInARow: number;
  /** Calls among `refusedInARow` that broke off while the request was being written. */
  unsendable: number;
}

export interface RetrySettings {
  maxAttempts: number;
  unknownOutcome: UnknownOutcomePolicy;
}

export type RefusalReason = 'pool_waits' | 'start_missed' | 'unsendable' | 'unreachable';

export type RetryDecision =
  | { action: 'retry'; delayMs: number }
  | { action: 'fail' }
  | { action: 'hold' };

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** The provider refused nothing when a start was missed, so the job tries again soon. */
const longestMissedMs = 2_000;

/**
 * Decides by the class of the fault.
 * @param fault the class and, for a refusal, its reason: the pool's block is the delay
 * (`pool_waits`), its start was over before the call (`start_missed`), the request broke off while
 * it was being written (`unsendable`), or none of these (`unreachable`); for an unusable answer,
 * whether another call may get a better one; for a rejection, whether the provider is known to take
 * the same request a moment later
 * @param dice a random number in [0, 1), for the jitter
 */
export function decideAfter(
  fault:
    | { class: 'refused'; because: RefusalReason }
    | { class: 'unknown' }
    | { class: 'rejected'; isPassing: boolean }
    | { class: 'unusable'; mayRepeat: boolean },
  history: AttemptHistory,
  settings: RetrySettings,
  dice: number,
): RetryDecision {
  switch (fault.class) {
    case 'refused':
      return decideAfterRefusal(fault.because, history, dice);
    case 'rejected':
      return fault.isPassing && history.rejected <= 1 && history.made < settings.maxAttempts
        ? { action: 'retry', delayMs: backoffMs(history.rejected, dice) }
        : { action: 'fail' };
    case 'unusable':
      return fault.mayRepeat &&
        history.unusable <= mostUnusable &&
        history.made < settings.maxAttempts
        ? { action: 'retry', delayMs: backoffMs(history.unusable, dice) }
        : { action: 'fail' };
    case 'unknown':
      return decideAfterUnknown(history, settings, dice);
  }
}

/**
 * The most calls of a job that may be paid for by itself: the first, those that follow an unknown
 * outcome, and one that follows an unusable answer. Refused and rejected calls are not paid for,
 * and a person who decides about a held job allows more.
 */
export function mostPaidCalls({ maxAttempts, unknownOutcome }: RetrySettings): number {
  if (unknownOutcome === 'retry') return maxAttempts;
  const afterUnknown = unknownOutcome === 'hold' ? 0 : mostUnknown;
  return Math.min(maxAttempts, 1 + afterUnknown + mostUnusable);
}

function decideAfterRefusal(
  because: RefusalReason,
  { refusedInARow, unsendable }: AttemptHistory,
  dice: number,
): RetryDecision {
  switch (because) {
    case 'pool_waits':
      return { action: 'retry', delayMs: 0 };
    case 'start_missed':
      // The process allows for its slowness from now on, so only a second miss in a row rests.
      return {
        action: 'retry',
        delayMs: refusedInARow <= 1 ? 0 : Math.min(longestMissedMs, backoffMs(refusedInARow, dice)),
      };
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
  const allowed = settings.unknownOutcome === 'retry_once' ? mostUnknown : Number.POSITIVE_INFINITY;
  return history.unknown <= allowed && history.made < settings.maxAttempts
    ? { action: 'retry', delayMs: backoffMs(history.unknown, dice) }
    : { action: 'fail' };
}

/**
 * Exponential backoff with jitter over its upper half: 1 s, 2 s, 4 s … 60 s, each times 0.5 to 1.
 */
export function backoffMs(timesInARow: number, dice: number): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, timesInARow - 1));
  return Math.ceil(delay * (0.5 + dice / 2));
}
