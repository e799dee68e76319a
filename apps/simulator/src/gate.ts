/**
 * Holds answers until a test releases them, so that the test decides what is in flight rather than
 * the clock.
 */
export interface Gate {
  /** Resolves when released, or at once when the gate is open. Rejects when the signal aborts. */
  pass(isShut: boolean, signal: AbortSignal): Promise<void>;
  /** Releases the oldest waiting calls (default: all of them) and returns how many it released. */
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
