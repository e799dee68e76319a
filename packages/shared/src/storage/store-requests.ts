/**
 * How long a store over the network is waited for, and reading from one that may fall silent half
 * way.
 */
import { PassThrough, type Readable } from 'node:stream';
import { withDeadline } from '../deadline.ts';
import { StorageError } from './object-store.ts';

export interface StorePatience {
  /** For an answer, over all tries of a request: a store that hangs must not hang a worker. */
  answerMs: number;
  /** For an object to be made of its parts: of large ones S3 takes minutes. */
  completeMs: number;
  /**
   * For a reader who takes nothing: he holds a connection to the store, and of those there are only
   * so many.
   */
  readerMs: number;
}

export const usualPatience: StorePatience = {
  answerMs: 20_000,
  completeMs: 600_000,
  readerMs: 300_000,
};

/** Bytes of a request that is slower than this are those of a store that hangs, too. */
const slowestBytesPerMs = 256;

export class NoAnswerInTime extends Error {
  override name = 'NoAnswerInTime';
}

/**
 * Runs a request, with a signal that is aborted when it has taken too long; not any more once there
 * is an answer. It is not waited for then whether it heeds the signal or not: credentials are
 * looked for without one. What becomes of it later is nobody's.
 * @param bytes that it sends
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
 * For the body of an answer that may have come when nobody waited for it any more: unread it would
 * hold its connection for ever.
 */
export function dropIfLate(body: Readable, { aborted }: AbortSignal): void {
  if (aborted) body.on('error', () => undefined).destroy();
}

/**
 * The body of an answer. A source that breaks, ends early or is silent for too long breaks it with
 * a `StorageError`; a reader who takes his time is not the source's silence, but one who takes
 * nothing for minutes is given up.
 */
export function toStoredStream(
  source: Readable,
  { length, patience }: { length: number; patience: StorePatience },
): Readable {
  const { answerMs, readerMs } = patience;
  const stream = new PassThrough();
  // It may break before anybody reads it; whoever does is told.
  stream.on('error', () => undefined);
  let received = 0;
  let untakenMs = 0;
  const fail = (message: string, cause?: unknown) =>
    stream.destroy(new StorageError('storage_unavailable', message, { cause }));
  const timer = setTimeout(() => {
    if (stream.writableNeedDrain) untakenMs += answerMs;
    else fail(`the store has sent nothing for ${answerMs / 1_000} s, in the middle of an object`);
    if (untakenMs >= readerMs)
      fail(`an object was given up that nobody has read for ${untakenMs / 1_000} s`);
    if (!stream.destroyed) timer.refresh();
  }, answerMs);
  source.on('data', (chunk: Buffer) => {
    received += chunk.length;
    untakenMs = 0;
    timer.refresh();
  });
  source.on('error', (error) => fail('the store broke off in the middle of an object', error));
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
