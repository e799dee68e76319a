/**
 * Opens the body of an answer: yields its bytes as they arrive, and remembers how it ended.
 *
 * Problem: an answer may be complete although its connection is cut, its length is wrong or it
 * never ends.
 * Approach: reading ends quietly in all of these cases, and the body says why afterwards. The
 * readers of JSON and of event streams then decide whether what came is enough.
 * Guarantee: no more than `maxBodyBytes` are read; ten 4K images in base64 stay far below that.
 * It does not decode anything; `decode-body.ts` does.
 * Used by `read-answer.ts`.
 */

const maxBodyBytes = 512 * 1024 * 1024;

export interface AnswerBody {
  chunks: AsyncGenerator<Uint8Array>;
  /** Ends the reading: `chunks` yields nothing more. */
  stop(): void;
  /** Records why a later step could not read on; the first reason counts. */
  noteUnreadable(error: Error): void;
  /** The error that cut the connection; null when the body ended as it should. */
  cutBy(): Error | null;
  /** Why the bytes could not be read; null when they could. */
  unreadable(): Error | null;
}

/** @param onBytes runs for each piece of the body */
export function openBody(
  stream: ReadableStream<Uint8Array> | null,
  onBytes: () => void,
  cutBy: () => Error | null,
): AnswerBody {
  const reader = stream?.getReader() ?? null;
  let cut: Error | null = null;
  let unreadable: Error | null = null;
  const stop = () => void reader?.cancel().catch(() => undefined);

  async function* read(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for (;;) {
        const next = await reader?.read();
        if (next === undefined || next.done) return;
        onBytes();
        bytes += next.value.length;
        if (bytes > maxBodyBytes) {
          unreadable ??= new Error(`the answer is longer than ${maxBodyBytes} bytes`);
          return;
        }
        yield next.value;
      }
    } finally {
      stop();
    }
  }

  return {
    chunks: untilError(read(), (error) => (cut = error)),
    stop,
    noteUnreadable: (error) => (unreadable ??= error),
    cutBy: () => cut ?? cutBy(),
    unreadable: () => unreadable,
  };
}

/** Yields what comes before an error, and reports the error instead of throwing it. */
export async function* untilError<T>(
  source: AsyncIterable<T>,
  onError: (error: Error) => void,
): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)));
  }
}
