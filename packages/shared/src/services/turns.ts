/**
 * Lets a number of callers at a time do something that takes much of the process or of a server.
 * Others wait for their turn, in order, for a limited time; then they are refused.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KilnError } from '../errors.ts';

export interface Turns {
  /**
   * Resolves when it is the caller's turn, which ends with `leave`. Throws `refuse()` when that
   * takes too long, and an `AbortError` when the signal aborts; the caller then has no turn.
   */
  take(signal: AbortSignal): Promise<void>;
  leave(): void;
}

export function createTurns(options: {
  atOnce: number;
  maxWaiting: number;
  waitMs: number;
  refuse: () => KilnError;
}): Turns {
  let free = options.atOnce;
  /** Gives a turn to each caller that waits, the longest-waiting first. */
  const waiting = new Set<() => void>();
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      if (waiting.size >= options.maxWaiting) throw options.refuse();
      const turn = Promise.withResolvers<void>();
      let isMine = false;
      const give = (): void => {
        isMine = true;
        turn.resolve();
      };
      waiting.add(give);
      const over = new AbortController();
      const patience = { signal: AbortSignal.any([signal, over.signal]) };
      await Promise.race([turn.promise, delay(options.waitMs, undefined, patience)]).catch(
        () => undefined, // aborted: the caller has disconnected
      );
      over.abort();
      if (isMine) return;
      waiting.delete(give);
      signal.throwIfAborted();
      throw options.refuse();
    },
    leave() {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
