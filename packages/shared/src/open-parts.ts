/** Opens the parts of a process one after another, so that a failure leaves none of them open. */
import type { Logger } from './logger.ts';

export interface Closeable {
  close(): void | Promise<void>;
}

/** Closes `part` at the end, or as soon as a later part fails to open. Returns the part. */
export type Opened = <Part extends Closeable>(part: Part) => Part;

/**
 * Calls `open` and returns its parts with a `close` that closes every part passed to `opened`, in
 * reverse order, all of them even when one fails. When `open` throws, those parts are closed first
 * and the error is thrown on.
 */
export async function openParts<Parts>(
  log: Logger,
  open: (opened: Opened) => Promise<Parts>,
): Promise<Parts & { close(): Promise<void> }> {
  const closers = new AsyncDisposableStack();
  try {
    const parts = await open((part) => closers.adopt(part, () => part.close()));
    return { ...parts, close: () => closers.disposeAsync() };
  } catch (error) {
    await closers
      .disposeAsync()
      .catch((err: unknown) =>
        log.warn({ err }, 'a part could not be closed after the start had failed'),
      );
    throw error;
  }
}
