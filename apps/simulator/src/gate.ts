/**
 * Holds answers until a test releases them, so that the test decides what is in flight rather than
 * the clock.
 */
export interface Gate {
  /** Resolves when released, or at once when the gate is open. Rejects when the signal aborts. */
  pass(isShut: boolean, prompt: string, signal: AbortSignal): Promise<void>;
  /**
   * Releases the oldest waiting calls whose prompts contain a text, and returns how many it
   * released. Default: all that wait.
   */
  release(count?: number, promptContains?: string): number;
}

export function createGate(): Gate {
  let waiting: { prompt: string; leave: () => void }[] = [];
  return {
    async pass(isShut, prompt, signal) {
      if (!isShut) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      waiting.push({ prompt, leave: resolve });
      await promise.finally(() => signal.removeEventListener('abort', abort));
    },
    release(count = waiting.length, promptContains = '') {
      const leaving = waiting
        .filter(({ prompt }) => prompt.includes(promptContains))
        .slice(0, count);
      waiting = waiting.filter((call) => !leaving.includes(call));
      for (const { leave } of leaving) leave();
      return leaving.length;
    },
  };
}
