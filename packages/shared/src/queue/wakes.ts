/**
 * Wakes the consumers of this process that wait because their queue was empty.
 *
 * All queues share one source of news (`postgres-engine.ts`, `redis-news.ts`), instead of one
 * blocking connection each. Guarantee: a wake between a consumer's look at its queue and its wait
 * is not lost, because the consumer passes the number of wakes that it knew before it looked.
 */
export interface Wakes {
  /** How often the queue was woken so far. Read it before looking at the queue. */
  countOf(queue: string): number;
  /**
   * Resolves when the queue has been woken more than `known` times (at once if it has been
   * already), after `ms`, or when the signal is aborted.
   */
  wait(queue: string, known: number, ms: number, signal: AbortSignal): Promise<void>;
  /** Calls back at each wake of the queue, until the returned function is called. */
  onWake(queue: string, listener: () => void): () => void;
  /** The queue may have new items. */
  wake(queue: string): void;
  /** News may have been missed. */
  wakeAll(): void;
}

export function createWakes(): Wakes {
  const states = new Map<
    string,
    { count: number; waiting: Set<() => void>; listeners: Set<() => void> }
  >();

  function stateOf(queue: string) {
    const state = states.get(queue) ?? { count: 0, waiting: new Set(), listeners: new Set() };
    states.set(queue, state);
    return state;
  }

  function wake(queue: string): void {
    const state = states.get(queue);
    if (state === undefined) return; // no consumer of this process looks at it
    state.count += 1;
    for (const resolve of state.waiting) resolve();
    for (const listener of state.listeners) listener();
  }

  return {
    countOf: (queue) => stateOf(queue).count,
    async wait(queue, known, ms, signal) {
      const state = stateOf(queue);
      if (state.count > known || signal.aborted) return;
      const woken = Promise.withResolvers<void>();
      const end = (): void => woken.resolve();
      const timer = setTimeout(end, ms);
      state.waiting.add(end);
      signal.addEventListener('abort', end, { once: true });
      try {
        await woken.promise;
      } finally {
        clearTimeout(timer);
        state.waiting.delete(end);
        signal.removeEventListener('abort', end);
      }
    },
    onWake(queue, listener) {
      const { listeners } = stateOf(queue);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake,
    wakeAll() {
      for (const queue of states.keys()) wake(queue);
    },
  };
}
