/** How long a store over the network is waited for, and reading from one that may fall silent half way. */
import { PassThrough, type Readable } from 'node:stream';
import { StorageError } from './object-store.ts';

/** How long an answer is waited for, over all tries of a request: a store that hangs must not hang a worker. */
export const defaultAnswerMs = 20_000;
/** Bytes of a request that is slower than this are those of a store that hangs, too. */
const slowestBytesPerMs = 256;

export class NoAnswerInTime extends Error {
  override name = 'NoAnswerInTime';
}

/**
 * Runs a request, with a signal that is aborted when it has taken too long; not any more once there is an answer.
 * @param bytes that it sends
 */
export async function inTime<T>(
  { answerMs, bytes }: { answerMs: number; bytes: number },
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const waitMs = answerMs + Math.ceil(bytes / slowestBytesPerMs);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), waitMs);
  try {
    return await request(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new NoAnswerInTime(`no answer within ${waitMs / 1_000} s`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The body of an answer. A source that breaks, ends early or is silent for too long breaks it with a `StorageError`; a reader who takes its time
 * is not the source's silence.
 */
export function toStoredStream(
  source: Readable,
  { length, answerMs }: { length: number; answerMs: number },
): Readable {
  const stream = new PassThrough();
  // It may break before anybody reads it; whoever does is told.
  stream.on('error', () => undefined);
  let received = 0;
  const fail = (message: string, cause?: unknown) =>
    stream.destroy(new StorageError('storage_unavailable', message, { cause }));
  const timer = setTimeout(() => {
    if (stream.writableNeedDrain) timer.refresh();
    else fail(`the store has sent nothing for ${answerMs / 1_000} s, in the middle of an object`);
  }, answerMs);
  source.on('data', (chunk: Buffer) => {
    received += chunk.length;
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
