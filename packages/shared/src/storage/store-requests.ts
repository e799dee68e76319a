/**
 * Time limits of requests to a network store, and reading from one that may stop sending in the
 * middle of an object.
 */
import { PassThrough, type Readable } from 'node:stream';
import { withDeadline } from '../deadline.ts';
import { StorageError } from './object-store.ts';

export interface StoreTimeouts {
  /**
   * Limit for an answer, over all retries of a request: a store that hangs must not block a worker.
   */
  answerMs: number;
  /** Limit for creating an object from its parts, which takes S3 minutes for large ones. */
  completeMs: number;
  /**
   * Limit for a reader that reads nothing: it occupies a connection to the store, and those are
   * limited.
   */
  readerMs: number;
}

export const defaultTimeouts: StoreTimeouts = {
  answerMs: 20_000,
  completeMs: 600_000,
  readerMs: 300_000,
};

/** A request that sends its body more slowly than this is treated as one to a store that hangs. */
const slowestBytesPerMs = 256;

export class NoAnswerInTime extends Error {
  override name = 'NoAnswerInTime';
}

/**
 * Runs a request with a time limit that grows with its body. When the limit passes, the signal
 * aborts and this throws `NoAnswerInTime`, whether the request heeds the signal or not: the lookup
 * of credentials has no signal. Its late result is ignored.
 * @param bytes the size of the body that it sends
 */
export async function inTime<T>(
  { answerMs, bytes }: { answerMs: number; bytes: number },
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const waitMs = answerMs + Math.ceil(bytes / slowestBytesPerMs);
  const outcome = await withDeadline(waitMs, request);
  if (outcome.status === 'late') throw new NoAnswerInTime(`no answer within ${waitMs / 1_000} s`);
  return outcome.value;
}

/**
 * Destroys a body that arrived after its request was abandoned: unread, it would occupy its
 * connection for ever.
 */
export function dropIfLate(body: Readable, { aborted }: AbortSignal): void {
  if (aborted) body.on('error', () => undefined).destroy();
}

/**
 * The body of an answer as a stream. It fails with a `StorageError` when the source breaks, ends
 * early or is silent for too long. A slow reader does not count as a silent source, but a reader
 * that reads nothing for minutes is abandoned.
 */
export function toStoredStream(
  source: Readable,
  { length, timeouts }: { length: number; timeouts: StoreTimeouts },
): Readable {
  const { answerMs, readerMs } = timeouts;
  const stream = new PassThrough();
  // Attach an error listener immediately: the stream may fail before it is read, and an unhandled
  // `error` event would end the process. Readers still get the error.
  stream.on('error', () => undefined);
  let received = 0;
  let untakenMs = 0;
  const fail = (message: string, cause?: unknown) =>
    stream.destroy(new StorageError('storage_unavailable', message, { cause }));
  const timer = setTimeout(() => {
    if (stream.writableNeedDrain) untakenMs += answerMs;
    else fail(`the store has sent nothing for ${answerMs / 1_000} s, in the middle of an object`);
    if (untakenMs >= readerMs)
      fail(`an object was abandoned: its reader read nothing for ${untakenMs / 1_000} s`);
    if (!stream.destroyed) timer.refresh();
  }, answerMs);
  source.on('data', (chunk: Buffer) => {
    received += chunk.length;
    untakenMs = 0;
    timer.refresh();
  });
  source.on('error', (error) =>
    fail('the store closed the connection in the middle of an object', error),
  );
  source.on('end', () => {
    clearTimeout(timer);
    if (received === length) stream.end();
    else fail(`the store sent ${received} bytes of ${length}`);
  });
  source.pipe(stream, { end: false });
  stream.on('close', () => {
    clearTimeout(timer);
    source.destroy();
  });
  return stream;
}
