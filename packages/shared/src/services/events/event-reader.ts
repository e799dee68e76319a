/**
 * Reads each event once for all followers in this process. Notifications wake it; it reads the new
 * events and keeps the newest in memory, so a follower near the end costs no query. A follower that
 * starts further back reads pages of the table until it has caught up. Without followers and
 * watchers it reads nothing. Followers get every matching event once, in order; it does not write
 * or number events (`sequencer.ts` does). Streams and job waits use it.
 */
import type { Logger } from '../../logger.ts';
import {
  eventsChannel,
  newestPosition,
  reachOf,
  readEventsAfter,
  type EventFilter,
  type EventRow,
} from '../../records/events/event-log.ts';
import type { Listener } from '../../records/database/notifications.ts';
import type { Database } from '../../records/database/open-records.ts';
import { createRecentEvents, matches } from './recent-events.ts';

/** Events in order. A page without events marks a silence. */
export interface EventPage {
  events: readonly EventRow[];
  /** This page and the ones before contain every matching event up to this position. */
  upTo: number;
  /** There are no more events at the moment. */
  isNewest: boolean;
}

export interface EventReader {
  /**
   * Returns the position of an event of the project, or of an event cursor. Returns undefined
   * unless all events after it are in memory.
   */
  positionOf(projectId: string, id: string): number | undefined;
  /**
   * Yields matching events after `after` (only new ones for `now`) until `signal` aborts. Callers
   * must abort it. The first page comes at once, and an empty page in every silence. Throws if the
   * database cannot be read.
   */
  follow(
    filter: EventFilter,
    after: number | 'now',
    options: { silenceMs: number; signal: AbortSignal },
  ): Promise<AsyncIterable<EventPage>>;
  /**
   * Passes all new events to the watcher until the returned function is called. A caller that reads
   * the records after this call misses no change: it is in the records or in a later event.
   */
  watch(watcher: Watcher): () => void;
  listener: Listener;
  close(): Promise<void>;
}

export interface Watcher {
  /** Receives all events that become readable, except skipped ones; maybe some earlier ones too. */
  onEvents(events: readonly EventRow[]): void;
  /** Events were skipped; the watcher must read the records. */
  onSkipped(): void;
}

/** Limits the events of one page. */
const pageSize = 500;
const readSize = 1_000;
/**
 * How many events are read into memory when the first follower comes, so that clients of a process
 * that ended resume here without a query.
 */
const initialBacklog = 2_000;
/** Reads again this often, in case a notification was lost or a read failed. */
const rereadMs = 5_000;
/** How often the reader checks for followers whose silence is over. */
const tickMs = 1_000;

interface Follower {
  filter: EventFilter;
  /** It has received every matching event up to this position. */
  cursor: number;
  /** Set while the follower waits. */
  wake: (() => void) | null;
  silentAtMs: number;
  leave(): void;
}

export function createEventReader({
  db,
  log,
  lookedAt,
}: {
  db: Database;
  log: Logger;
  /** Replaces the default number of events that one statement scans for rare types. */
  lookedAt?: number;
}): EventReader {
  const recent = createRecentEvents();
  const followers = new Set<Follower>();
  const watchers = new Set<Watcher>();
  let isAwake = false;
  let isBehind = false;
  let reading: Promise<void> | null = null;
  let ticking: NodeJS.Timeout | null = null;
  let rereadAtMs = 0;

  /** Resolves when everything that was readable at the time of the call has been read. */
  function readNew(): Promise<void> {
    isBehind = true;
    return (reading ??= readAll().finally(() => (reading = null)));
  }

  async function readAll(): Promise<void> {
    while (isBehind) {
      isBehind = false;
      if (!isAwake) await skipOld();
      for (let count = readSize; count === readSize;) {
        const events = await readEventsAfter(db, recent.newest(), { limit: readSize });
        recent.add(events);
        notify(events);
        count = events.length;
      }
      // All followers and watchers may have left meanwhile.
      isAwake = isWanted();
    }
  }

  /**
   * Skips events that were written long before the first follower came. Watchers may have waited
   * since before these events, if an earlier read failed.
   */
  async function skipOld(): Promise<void> {
    const newest = await newestPosition(db);
    if (newest - recent.newest() <= initialBacklog) return;
    recent.beginAfter(newest - initialBacklog);
    for (const watcher of watchers) watcher.onSkipped();
  }

  /** Wakes the followers of new events, and advances the cursors of all other waiting followers. */
  function notify(events: readonly EventRow[]): void {
    const newest = recent.newest();
    for (const watcher of watchers) watcher.onEvents(events);
    for (const follower of followers) {
      if (follower.wake === null) continue;
      if (events.some((event) => matches(event, follower.filter))) wake(follower);
      else follower.cursor = Math.max(follower.cursor, newest);
    }
  }

  function isWanted(): boolean {
    return followers.size + watchers.size > 0;
  }

  function stayAwake(): void {
    ticking ??= setInterval(tick, tickMs).unref();
  }

  function sleepIfUnwanted(): void {
    if (isWanted()) return;
    isAwake = false;
    if (ticking !== null) clearInterval(ticking);
    ticking = null;
  }

  function look(): void {
    if (!isWanted()) return;
    rereadAtMs = performance.now() + rereadMs;
    readNew().catch((err: unknown) =>
      log.warn({ err, retryMs: rereadMs }, 'events could not be read'),
    );
  }

  function tick(): void {
    const now = performance.now();
    if (now >= rereadAtMs) look();
    for (const follower of followers) if (now >= follower.silentAtMs) wake(follower);
  }

  function join(filter: EventFilter, signal: AbortSignal): Follower {
    const follower: Follower = {
      filter,
      cursor: 0,
      wake: null,
      silentAtMs: 0,
      leave() {
        signal.removeEventListener('abort', follower.leave);
        wake(follower);
        if (followers.delete(follower)) sleepIfUnwanted();
      },
    };
    followers.add(follower);
    stayAwake();
    // A follower whose pages are never read leaves as well.
    signal.addEventListener('abort', follower.leave);
    if (signal.aborted) follower.leave();
    return follower;
  }

  async function takePage({
    filter,
    cursor,
  }: Follower): Promise<{ events: EventRow[]; cursor: number }> {
    if (cursor >= recent.begin()) return recent.take(filter, cursor, pageSize);
    const upTo = reachOf(filter, cursor, recent.newest(), lookedAt);
    const events = await readEventsAfter(db, cursor, { limit: pageSize, upTo, filter });
    return { events, cursor: events.length < pageSize ? upTo : (events.at(-1)?.position ?? upTo) };
  }

  async function* pagesOf(
    follower: Follower,
    { silenceMs, signal }: { silenceMs: number; signal: AbortSignal },
  ): AsyncGenerator<EventPage> {
    try {
      while (!signal.aborted) {
        const { events, cursor } = await takePage(follower);
        follower.cursor = cursor;
        const isNewest = cursor >= recent.newest();
        const now = performance.now();
        if (events.length > 0 || now >= follower.silentAtMs) {
          follower.silentAtMs = now + silenceMs - tickMs;
          yield { events, upTo: cursor, isNewest };
        }
        // More events may have arrived while this page was read.
        if (follower.cursor < recent.newest() || signal.aborted) continue;
        await new Promise<void>((resolve) => (follower.wake = resolve));
      }
    } finally {
      follower.leave();
    }
  }

  return {
    // While the reader sleeps, later events may be written and deleted without its notice.
    positionOf: (projectId, id) => (isAwake ? recent.positionOf(projectId, id) : undefined),
    async follow(filter, after, options) {
      const follower = join(filter, options.signal);
      try {
        if (!isAwake) await readNew();
      } catch (error) {
        follower.leave();
        throw error;
      }
      follower.cursor = after === 'now' ? recent.newest() : after;
      return pagesOf(follower, options);
    },
    watch(watcher) {
      watchers.add(watcher);
      stayAwake();
      if (!isAwake) look();
      return () => {
        if (watchers.delete(watcher)) sleepIfUnwanted();
      };
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
      if (ticking !== null) clearInterval(ticking);
      await reading?.catch(() => undefined); // `look` has logged the error
    },
  };
}

/** Leaves the waiting set immediately, so that events arriving before it runs are not skipped. */
function wake(follower: Follower): void {
  const resolve = follower.wake;
  follower.wake = null;
  resolve?.();
}
