/**
 * Long work in pieces: it gives the event loop back every few milliseconds, so that the process
 * goes on answering, and it ends when the caller or the process no longer wants its result.
 */
import { setImmediate } from 'node:timers/promises';

/** The longest that one piece of work keeps the event loop to itself. */
const pieceMs = 4;

export interface Breaks {
  /** True when a piece has taken its time. It is cheap enough to be called for each row. */
  isDue(): boolean;
  /** Lets everything else run. Throws the reason of the signal once it is aborted. */
  take(): Promise<void>;
}

/** @param signal aborts the work at its next break */
export function createBreaks(signal?: AbortSignal): Breaks {
  let lastMs = performance.now();
  return {
    isDue: () => performance.now() - lastMs >= pieceMs,
    async take() {
      signal?.throwIfAborted();
      await setImmediate();
      lastMs = performance.now();
      signal?.throwIfAborted();
    },
  };
}

/** Passes the chunks on, with breaks between them. */
export async function* withBreaks<T>(chunks: AsyncIterable<T>, breaks: Breaks): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    if (breaks.isDue()) await breaks.take();
    yield chunk;
  }
}
