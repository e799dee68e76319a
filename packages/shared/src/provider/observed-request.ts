/**
 * Observes what `fetch` does not report about a request: whether it was written (a failure before
 * that was certainly not executed, one after it may have been billed), and the status of a response
 * that `fetch` turns into an error.
 */
import { DecoratorHandler, type Dispatcher } from 'undici';

export interface RequestObserver {
  /** A part of the body has been written to the socket, but not all of it. */
  onBegun(): void;
  /** The last byte of the body has been written to the socket. */
  onWritten(): void;
  onStatus(status: number): void;
}

/** Returns an undici interceptor. */
export function observeRequest(observer: RequestObserver): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, new ObservedRequest(handler, contentLengthOf(options), observer));
}

class ObservedRequest extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #observer: RequestObserver;
  #missing: number;

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

  onResponseStart(
    ...answer: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>
  ): void {
    this.#observer.onStatus(answer[1]);
    this.#handler.onResponseStart?.(...answer);
  }
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
