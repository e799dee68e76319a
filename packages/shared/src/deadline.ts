/**
 * Waits for a result for a limited time. All races between a promise and a timer use this function.
 */

export type InTime<T> = { status: 'done'; value: T } | { status: 'late' };

/**
 * Waits at most `limitMs` for `action`. After that the outcome is `late`, the signal is aborted,
 * and a result or error that comes later is ignored; an action that holds something must release it
 * itself. An error that comes in time is thrown as it is.
 *
 * A process that was held up runs its timers before it reads what has arrived meanwhile. So when
 * the timer fires, this function first lets the process read what has arrived.
 */
export async function withDeadline<T>(
  limitMs: number,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<InTime<T>> {
  const controller = new AbortController();
  const late = Promise.withResolvers<InTime<T>>();
  let lastRead: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    lastRead = setImmediate(() => {
      late.resolve({ status: 'late' });
      controller.abort();
    });
  }, limitMs);
  try {
    const done = action(controller.signal).then((value) => ({ status: 'done', value }) as const);
    return await Promise.race([done, late.promise]);
  } finally {
    clearTimeout(timer);
    clearImmediate(lastRead);
  }
}
