/**
 * Reads events once for everybody in this process who follows them. Woken by notifications, it reads what has been added and keeps the
 * newest in memory, so that whoever follows them, or was away for a short while, costs no query. Those who come from further back read
 * pages of the table until they have caught up. While nobody follows, it reads nothing.
 */
import type { Logger } from '../logger.ts';
import {
  eventsChannel,
  newestPosition,
  readEventsAfter,
  type EventFilter,
  type EventRow,
} from '../records/event-log.ts';
import type { Listener } from '../records/notifications.ts';
import type { Database } from '../records/open-records.ts';
import { createRecentEvents } from './recent-events.ts';

/** Events in order; none: it has been silent for a while. */
export interface EventPage {
  events: readonly EventRow[];
  /** There are no more of them at this moment. */
  isNewest: boolean;
}

export interface EventReader {
  /** The position of an event of a project that is in memory. */
  positionOf(projectId: string, id: string): number | undefined;
  /**
   * Events that match, from behind `after` on (`now`: those to come), until `signal` is aborted. The first page comes at once. Throws where the
   * records cannot be read that it needs.
   */
  follow(
    filter: EventFilter,
    after: number | 'now',
    options: { silenceMs: number; signal: AbortSignal },
  ): AsyncGenerator<EventPage>;
  listener: Listener;
  close(): Promise<void>;
}

/** Bounds what one follower is given at a time. */
const pageSize = 500;
const readSize = 1_000;
/** So far back the memory begins when the first follower comes: those who were cut off with a process that ended find their place. */
const rememberedAtFirst = 2_000;
/** A notification that was lost, or a read that failed, is made up for. */
const netMs = 5_000;

export function createEventReader({ db, log }: { db: Database; log: Logger }): EventReader {
  const recent = createRecentEvents();
  const wakers = new Set<() => void>();
  let followers = 0;
  let isAwake = false;
  let isBehind = false;
  let reading: Promise<void> | null = null;
  let net: NodeJS.Timeout | null = null;

  /** Resolves when all is read that could be read at the time of the call. */
  function readOn(): Promise<void> {
    isBehind = true;
    return (reading ??= readAll().finally(() => (reading = null)));
  }

  async function readAll(): Promise<void> {
    while (isBehind) {
      isBehind = false;
      if (!isAwake) {
        const newest = await newestPosition(db);
        if (newest - recent.newest() > rememberedAtFirst) recent.beginAfter(newest - rememberedAtFirst);
        isAwake = true;
      }
      for (let count = readSize; count === readSize;) {
        const events = await readEventsAfter(db, recent.newest(), { limit: readSize });
        recent.add(events);
        count = events.length;
      }
      for (const wake of wakers) wake();
    }
  }

  function look(): void {
    if (followers === 0) return;
    readOn().catch((err: unknown) => log.warn({ err }, 'events could not be read; it is tried again'));
  }

  function join(): void {
    followers += 1;
    net ??= setInterval(look, netMs).unref();
  }

  function leave(): void {
    followers -= 1;
    if (followers > 0) return;
    isAwake = false;
    if (net !== null) clearInterval(net);
    net = null;
  }

  async function take(filter: EventFilter, cursor: number): Promise<{ events: EventRow[]; cursor: number }> {
    if (cursor >= recent.begin()) return recent.take(filter, cursor, pageSize);
    const upTo = recent.newest();
    const events = await readEventsAfter(db, cursor, { limit: pageSize, upTo, filter });
    return { events, cursor: events.length < pageSize ? upTo : (events.at(-1)?.position ?? upTo) };
  }

  /** Until something was read, it has been silent for so long, or `signal` is aborted. */
  function news(forMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = setTimeout(wake, forMs);
    wakers.add(wake);
    signal.addEventListener('abort', wake);
    return promise.finally(() => {
      clearTimeout(timer);
      wakers.delete(wake);
      signal.removeEventListener('abort', wake);
    });
  }

  return {
    positionOf: recent.positionOf,
    async *follow(filter, after, { silenceMs, signal }) {
      join();
      try {
        if (!isAwake) await readOn();
        let cursor = after === 'now' ? recent.newest() : after;
        let toldAtMs = Number.NEGATIVE_INFINITY;
        while (!signal.aborted) {
          const page = await take(filter, cursor);
          cursor = page.cursor;
          const isNewest = cursor >= recent.newest();
          const silentMs = performance.now() - toldAtMs;
          if (page.events.length > 0 || silentMs >= silenceMs) {
            yield { events: page.events, isNewest };
            toldAtMs = performance.now();
          }
          if (isNewest && !signal.aborted)
            await news(Math.max(1, toldAtMs + silenceMs - performance.now()), signal);
        }
      } finally {
        leave();
      }
    },
    listener: {
      channels: {
        [eventsChannel](position) {
          if (Number(position) > recent.newest()) look();
        },
      },
      onGap: look,
    },
    async close() {
      if (net !== null) clearInterval(net);
      await reading?.catch(() => undefined); // it was logged
    },
  };
}
