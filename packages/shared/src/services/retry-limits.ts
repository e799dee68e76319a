/** The limits of `retryWhileUnavailable` for steps of the services. */
import type { Logger } from '../logger.ts';
import { isConflict, isDatabaseAway, type RetryLimit } from '../records/database/availability.ts';
import { StorageError } from '../storage/object-store.ts';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Never gives up, however long the database, the object store or a disk is unavailable: for steps
 * that must be taken, above all recording an answer that was paid for. Meanwhile the worker keeps
 * its claim, so that no other worker repeats the call.
 * @param step named in the log with each retry
 */
export function withoutLimit(step: string, log: Logger): RetryLimit {
  return {
    isUnavailable,
    pauseMs: (retry) => Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(retry, 10)),
    onRetry: (err, pauseMs) =>
      log.warn({ err, step, pauseMs }, 'a step failed because something is unavailable; retrying'),
  };
}

/**
 * Errors of the system (a disk, a socket) and conflicts between transactions are retried; a mistake
 * in Kiln is not.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StorageError || isDatabaseAway(error) || isConflict(error)) return true;
  return error instanceof Error && 'syscall' in error;
}
