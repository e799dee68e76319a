/**
 * Doing what must not be left undone, however long the database or the store is away: above all, an
 * answer that was paid for is kept and recorded. The claim is kept alive meanwhile, so that nobody
 * else makes the call again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';
import { isDatabaseAway } from '../../records/database/availability.ts';
import { StorageError } from '../../storage/object-store.ts';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Repeats `write` until it succeeds. Only what an outage explains is repeated; anything else is
 * thrown.
 */
export async function persist<T>(what: string, log: Logger, write: () => Promise<T>): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await write();
    } catch (err) {
      if (!isOutage(err)) throw err;
      log.warn({ err, what, pauseMs }, 'a step of a job cannot be taken yet; trying again');
    }
    await delay(pauseMs);
  }
}

/** The system's own errors (a disk, a socket) pass; a mistake of ours does not. */
function isOutage(error: unknown): boolean {
  if (error instanceof StorageError || isDatabaseAway(error)) return true;
  return error instanceof Error && 'syscall' in error;
}
