/**
 * Notices that urgent items wait while a consumer runs as many items as it may.
 *
 * The engine gives a consumer its next item when one of the running ones has ended, and says
 * nothing about what waits. So the items that wait are counted when the queue was woken since the
 * last look and no slot is free. A consumer with a free slot needs no look: it gets the most urgent
 * item by itself.
 */
import type { WarningLog } from '../logger.ts';
import type { Wakes } from './wakes.ts';

export interface UrgentWatch {
  /** Call when an item began to run. */
  look(): void;
  close(): void;
}

export function watchUrgentItems(options: {
  queue: string;
  wakes: Wakes;
  isFull: () => boolean;
  /** Counts the urgent items that wait. */
  count: () => Promise<number>;
  onWaiting: (waiting: number) => void;
  outages: WarningLog;
}): UrgentWatch {
  const { queue, wakes, isFull, count, onWaiting, outages } = options;
  /** The wakes that were known before the last look. */
  let known = 0;
  let isLooking = false;
  let isClosed = false;
  const isDue = (): boolean => !isClosed && isFull() && wakes.countOf(queue) > known;

  async function lookWhileDue(): Promise<void> {
    while (isDue()) {
      known = wakes.countOf(queue);
      const waiting = await count();
      if (waiting > 0 && !isClosed) onWaiting(waiting);
    }
  }

  function look(): void {
    if (isLooking || !isDue()) return;
    isLooking = true;
    lookWhileDue()
      .catch((err: unknown) =>
        // The urgent items wait for a free slot, and the next wake looks again.
        outages.warn({ err, queue }, 'the urgent items of a queue could not be counted'),
      )
      .finally(() => (isLooking = false));
  }

  const forget = wakes.onWake(queue, look);
  return {
    look,
    close() {
      isClosed = true;
      forget();
    },
  };
}
