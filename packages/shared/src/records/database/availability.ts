/**
 * Distinguishes an unavailable database from a wrong statement, and repeats steps while something
 * is unavailable.
 */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Socket errors, and PostgreSQL's classes 08 (connection), 53 (out of resources), 57P (shutdown,
 * start-up), 57014 (the statement took too long) and 25006 (the server is a standby now, or was set
 * read-only because its disk is full).
 */
const awayCode =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08\w{3}|53\w{3}|57P\d\d|57014|25006)$/;
/** Beginnings of messages of `pg` that have no code. */
const awayMessages = [
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Connection terminated',
  'Client has encountered a connection error',
];

/**
 * The server takes no writes (any more). The address may lead to another server by now, so the
 * connection must not be used again.
 */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25006';
}

export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && typeof error.code === 'string' && awayCode.test(error.code)) ||
    awayMessages.some((message) => error.message.startsWith(message))
  );
}

/**
 * The server stopped a statement at the time limit of our connections, and rolled it back. A writer
 * may retry it like an outage; a caller whose query is too heavy must not.
 */
export function isStatementTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

/**
 * The server ended a transaction so that others could go on (a deadlock, or a conflict of their
 * order). Nothing of it was written, and the same statement succeeds when it is repeated.
 */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^40(P01|001)$/.test(String(error.code));
}

/** When `retryWhileUnavailable` tries again, and when it gives up. */
export interface RetryLimit {
  /** An error for which this is false is thrown at once. */
  isUnavailable: (error: unknown) => boolean;
  /**
   * The pause before the next try, in ms; null to throw the error.
   * @param retry 0 before the second try
   */
  pauseMs: (retry: number, elapsedMs: number) => number | null;
  onRetry?: (error: unknown, pauseMs: number) => void;
}

const briefPausesMs = [100, 400, 1_500];
/** A caller waits for the answer: after this time a failure is not retried. */
const briefLimitMs = 3_000;

const briefLimit: RetryLimit = {
  isUnavailable: isDatabaseAway,
  pauseMs: (retry, elapsedMs) => (elapsedMs > briefLimitMs ? null : (briefPausesMs[retry] ?? null)),
};

/**
 * Repeats `action` while it fails because the database (or what `limit` names) is unavailable.
 *
 * A connection that is lost during a commit leaves open whether it was made. So `action` must give
 * the same result when it is repeated: it writes the same rows again, or finds them there. Without
 * a limit of its own it gives up within about five seconds, while a client waits; steps that must
 * not be given up use `withoutLimit` (`services/retry-limits.ts`).
 */
export async function retryWhileUnavailable<T>(
  action: () => Promise<T>,
  limit: RetryLimit = briefLimit,
): Promise<T> {
  const startedAtMs = performance.now();
  for (let retry = 0; ; retry += 1) {
    try {
      return await action();
    } catch (error) {
      const pauseMs = limit.isUnavailable(error)
        ? limit.pauseMs(retry, performance.now() - startedAtMs)
        : null;
      if (pauseMs === null) throw error;
      limit.onRetry?.(error, pauseMs);
      await delay(pauseMs);
    }
  }
}
