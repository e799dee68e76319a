/**
 * Creates the deliveries of new events. An event that the database refuses to turn into deliveries
 * would hold up all later ones, because they are read in order: after a few runs, with pauses
 * between them, it is skipped.
 */
import { failedRunPauseMs, maxFailedRuns } from '../../domain/retry-policy.ts';
import type { Logger } from '../../logger.ts';
import type { Database } from '../../records/database/open-records.ts';
import { fanOut, findNextEvent, skipEvent } from '../../records/webhooks/delivery-fan-out.ts';
import { isUnavailable } from '../retry-limits.ts';

export interface FanOutParts {
  db: Database;
  log: Logger;
  /** The pause after the first refusal of an event; it doubles with each further one. */
  pauseMs?: number;
}

/** The returned function throws while the database is unavailable or refuses an event. */
export function createFanOut({
  db,
  log,
  pauseMs = failedRunPauseMs,
}: FanOutParts): () => Promise<void> {
  let refused = { id: '', runs: 0, restsUntilMs: 0 };

  /** One event at a time, so that those before the refused one become deliveries. */
  async function fanOutEach(): Promise<void> {
    try {
      await fanOut(db, 1);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const event = await findNextEvent(db);
      if (event === undefined) throw error;
      const runs = event.id === refused.id ? refused.runs + 1 : 1;
      const restsUntilMs = performance.now() + pauseMs * 2 ** (runs - 1);
      refused = { id: event.id, runs, restsUntilMs };
      if (runs < maxFailedRuns) throw error;
      log.error(
        { err: error, eventId: event.id },
        'an event is skipped: it cannot be turned into webhook deliveries',
      );
      await skipEvent(db, event.position);
      refused = { id: '', runs: 0, restsUntilMs: 0 };
      await fanOutEach();
    }
  }

  return async () => {
    if (performance.now() < refused.restsUntilMs) return;
    try {
      await fanOut(db);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      await fanOutEach();
    }
  };
}
