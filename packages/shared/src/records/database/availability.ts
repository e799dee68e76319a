/**
 * Whether an error says that the database is away, rather than that a statement was wrong; and
 * writing across a short outage.
 */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Socket errors, and PostgreSQL's classes 08 (connection), 53 (no resources), 57P (shutdown,
 * start-up) and 57014 (it took too long).
 */
const awayCode =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08\w{3}|53\w{3}|57P\d\d|57014)$/;
/** `pg` gives these no code. */
const awayMessage =
  /^(timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error)/;

export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && typeof error.code === 'string' && awayCode.test(error.code)) ||
    awayMessage.test(error.message)
  );
}

const pausesMs = [100, 400, 1_500];
/** A caller waits: what took longer than this to fail is not tried again. */
const shortOutageMs = 3_000;

/**
 * A connection that is lost while a commit is under way does not tell whether it was made. Writing
 * the same rows again does, so a short outage is waited out.
 */
export async function untilItAnswers<T>(write: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  for (const pauseMs of pausesMs) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseAway(error) || performance.now() - startedAtMs > shortOutageMs) throw error;
      await delay(pauseMs);
    }
  }
  return write();
}
