/**
 * Makes a backend of BullMQ fit for a consumer that shares its connection with all other queues.
 *
 * BullMQ gives each worker a connection of its own on which it blocks while its queue is empty: two
 * hundred pools would need two hundred of them. Here a worker waits in this process until the queue
 * is woken (`wakes.ts`), or until it is time to look anyway.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionClosedError, type IQueueBackend } from 'bullmq';
import type { Wakes } from './wakes.ts';

/** The pause of a worker after a look that failed. BullMQ would look again at once. */
const pauseAfterErrorMs = 1_000;

export function shareBackend<B extends IQueueBackend>(
  backend: B,
  { queue, wakes }: { queue: string; wakes: Wakes },
): B {
  let closing = new AbortController();
  /** The wakes that were known before the last look at the queue. */
  let known = 0;

  async function look<T>(action: () => Promise<T>): Promise<T> {
    const before = wakes.countOf(queue);
    const result = await action();
    known = before;
    return result;
  }

  const original = {
    moveToActive: backend.moveToActive.bind(backend),
    moveToCompleted: backend.moveToCompleted.bind(backend),
    moveToFailed: backend.moveToFailed.bind(backend),
  };
  const shared: Partial<IQueueBackend> = {
    async moveToActive(token, name) {
      try {
        return await look<unknown[]>(() => original.moveToActive(token, name));
      } catch (error) {
        await delay(pauseAfterErrorMs, undefined, { signal: closing.signal }).catch(
          () => undefined,
        );
        throw error;
      }
    },
    moveToCompleted: (job, value, remove, token, fetchNext) => {
      const move = () => original.moveToCompleted(job, value, remove, token, fetchNext);
      return fetchNext ? look(move) : move();
    },
    moveToFailed: (job, reason, remove, token, fetchNext, fields) => {
      const move = () => original.moveToFailed(job, reason, remove, token, fetchNext, fields);
      return fetchNext ? look(move) : move();
    },
    async waitForJob(seconds) {
      await wakes.wait(queue, known, seconds * 1_000, closing.signal);
      // BullMQ fetches no further item after this error. After null it would fetch one, although
      // the worker is closing.
      if (closing.signal.aborted) throw new ConnectionClosedError('Connection is closed.');
      return null;
    },
    async disconnectBlocking() {
      closing.abort();
    },
    async reconnectBlocking() {
      if (closing.signal.aborted) closing = new AbortController();
    },
  };
  return Object.assign(backend, shared);
}
