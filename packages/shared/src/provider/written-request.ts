/** Whether a request has left: what failed before that was certainly not executed, what failed after it may have been billed. */
import { DecoratorHandler, type Dispatcher } from 'undici';

/** An undici interceptor that calls `onWritten` when the last byte of a request's body has been handed to the socket. */
export function observeWritten(onWritten: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, new WrittenObserver(handler, contentLengthOf(options), onWritten));
}

class WrittenObserver extends DecoratorHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onWritten: () => void;
  #missing: number;

  constructor(handler: Dispatcher.DispatchHandler, bodyBytes: number, onWritten: () => void) {
    super(handler);
    this.#handler = handler;
    this.#missing = bodyBytes;
    this.#onWritten = onWritten;
  }

  onBodySent(chunk: Buffer): void {
    this.#missing -= chunk.length;
    if (this.#missing <= 0) this.#onWritten();
    this.#handler.onBodySent?.(chunk);
  }
}

/** 0 where it is not known: then the first byte counts as the last, which errs towards "may have been billed". */
function contentLengthOf({ headers }: Dispatcher.DispatchOptions): number {
  if (headers === null || headers === undefined || typeof headers !== 'object' || Symbol.iterator in headers)
    return 0;
  return Number(headers['content-length'] ?? 0);
}
