/**
 * What `fetch` does not tell of a request: whether it has left (what failed before that was
 * certainly not executed, what failed after it may have been billed), and the status of an answer
 * that it makes an error of.
 */
import { DecoratorHandler, type Dispatcher } from 'undici';

export interface RequestObserver {
  /** Some of the body has been handed to the socket, and not all of it. */
  onBegun(): void;
  /** The last byte of the body has been handed to the socket. */
  onWritten(): void;
  onStatus(status: number): void;
}

/** An undici interceptor. */
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
 * 0 where it is not known: then the first byte counts as the last, which errs towards "may have
 * been billed".
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
