/**
 * Holds answers back until a test lets them go, so that a test decides what is in flight instead of
 * the clock.
 */
export interface Gate {
  /** Resolves when released; at once when the gate is open. Rejects at the signal. */
  pass(isShut: boolean, signal: AbortSignal): Promise<void>;
  /** Lets the oldest waiting calls go, all of them by default; how many went. */
  release(count?: number): number;
}

export function createGate(): Gate {
  let waiting: (() => void)[] = [];
  return {
    async pass(isShut, signal) {
      if (!isShut) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      waiting.push(resolve);
      await promise.finally(() => signal.removeEventListener('abort', abort));
    },
    release(count = waiting.length) {
      const leaving = waiting.slice(0, count);
      waiting = waiting.slice(count);
      for (const leave of leaving) leave();
      return leaving.length;
    },
  };
}
