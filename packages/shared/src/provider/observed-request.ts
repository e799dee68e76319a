/**
 * Observes what `fetch` does not report about a call: whether the request was written (a failure
 * before that was certainly not executed, one after it may have been billed), the status of a
 * response that `fetch` turns into an error, and its content encoding.
 *
 * It holds the request back until the caller allows it: the connection is open and the first bytes
 * of the body are there, and nothing is between the caller's word and the write.
 *
 * It also changes two things that would lose a paid answer: `fetch` does not see the content
 * encoding, because it would decode a body that is not encoded; and a body that is cut ends as if
 * it were complete, because `fetch` would drop the bytes that were not read yet. The caller asks
 * `cutBy` instead.
 */
import type { Readable } from 'node:stream';
import { DecoratorHandler, type Dispatcher } from 'undici';

export interface RequestObserver {
  /**
   * Resolves to whether the request may be written. It is written in the same tick, or not at all.
   * Absent: at once.
   */
  mayWrite?: (() => Promise<boolean>) | undefined;
  /** A part of the body has been written to the socket, but not all of it. */
  onBegun(): void;
  /** The last byte of the body has been written to the socket. */
  onWritten(): void;
  onAnswer(answer: ObservedAnswer): void;
}

export interface ObservedAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The header `content-encoding`, true or not. */
  contentEncoding: string | null;
  /** The error that ended the body too early; null while there is none. */
  cutBy(): Error | null;
}

/** Returns an undici interceptor. */
export function observeRequest(observer: RequestObserver): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      observer.mayWrite === undefined ? options : holdBack(options, observer.mayWrite),
      new ObservedRequest(handler, contentLengthOf(options), observer),
    );
}

/** The request was not written, because the caller did not allow it. */
class WithheldError extends Error {
  readonly code = 'withheld';

  constructor() {
    super('the request was withheld');
  }
}

/**
 * undici reads the body once the connection is open, and writes the headers together with the first
 * chunk. `fetch` passes every body as an iterable.
 */
function holdBack(
  options: Dispatcher.DispatchOptions,
  mayWrite: () => Promise<boolean>,
): Dispatcher.DispatchOptions {
  if (!isIterable(options.body)) throw new Error('a request without a body cannot be held back');
  const body: AsyncIterable<Uint8Array> = passOn(options.body, mayWrite);
  return { ...options, body: body as unknown as Readable };
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function* passOn(
  body: AsyncIterable<Uint8Array>,
  mayWrite: () => Promise<boolean>,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (!(await mayWrite())) {
    // The stream behind a text does not answer while one of its chunks is held back.
    chunks.return?.().catch(() => undefined);
    throw new WithheldError();
  }
  if (first.done !== true) yield first.value;
  yield* { [Symbol.asyncIterator]: () => chunks };
}

type ResponseStart = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>;

class ObservedRequest extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #observer: RequestObserver;
  #missing: number;
  #isAnswered = false;
  #cut: Error | null = null;

  constructor(handler: Dispatcher.DispatchHandler, bodyBytes: number, observer: RequestObserver) {
    super(handler);
    this.#handler = handler;
    this.#observer = observer;
    this.#missing = bodyBytes;
  }

  onBodySent(chunk: Buffer): void {
    this.#missing -= chunk.length;
    if (this.#missing <= 0) this.#observer.onWritten();
    else this.#observer.onBegun();
    this.#handler.onBodySent?.(chunk);
  }

  onResponseStart(...[controller, status, headers, statusText]: ResponseStart): void {
    // Answers below 200 only announce the one that counts.
    if (status >= 200) {
      this.#isAnswered = true;
      this.#observer.onAnswer({
        status,
        headers,
        contentEncoding: takeContentEncoding(controller),
        cutBy: () => this.#cut,
      });
    }
    this.#handler.onResponseStart?.(controller, status, headers, statusText);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#isAnswered || controller.aborted) {
      this.#handler.onResponseError?.(controller, error);
      return;
    }
    this.#cut = error;
    this.#handler.onResponseEnd?.(controller, {});
  }
}

/** Removes the header, so that `fetch` does not see it. `fetch` reads the raw headers. */
function takeContentEncoding(controller: Dispatcher.DispatchController): string | null {
  const raw = controller.rawHeaders;
  if (!Array.isArray(raw)) return null;
  const found: string[] = [];
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    if (String(raw[index]).toLowerCase() !== 'content-encoding') continue;
    found.unshift(String(raw[index + 1]));
    raw.splice(index, 2);
  }
  return found.length === 0 ? null : found.join(', ');
}

/**
 * Returns 0 when the length is unknown: then the first byte counts as the last, which errs on the
 * side of "may have been billed".
 */
function contentLengthOf({ headers }: Dispatcher.DispatchOptions): number {
  if (
    headers === null ||
    headers === undefined ||
    typeof headers !== 'object' ||
    Symbol.iterator in headers
  )
    return 0;
  return Number(headers['content-length'] ?? 0);
}
