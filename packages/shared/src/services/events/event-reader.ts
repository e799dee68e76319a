/**
 * Reads events once for everybody in this process who follows them. Woken by notifications, it
 * reads what has been added and keeps the newest in memory, so that whoever follows them, or was
 * away for a short while, costs no query. Those who come from further back read pages of the table
 * until they have caught up. While nobody follows or watches, it reads nothing.
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

/** Events in order; none: it has been silent for a while. */
export interface EventPage {
  events: readonly EventRow[];
  /** Whoever has this page and those before has been told all up to here. */
  upTo: number;
  /** There are no more of them at this moment. */
  isNewest: boolean;
}

export interface EventReader {
  /** The position of an event of a project, or of a place, behind which everything is in memory. */
  positionOf(projectId: string, id: string): number | undefined;
  /**
   * Events that match, from behind `after` on (`now`: those to come), until `signal` is aborted,
   * which it has to be in the end. The first page comes at once, and one in every silence. Throws
   * where the records cannot be read.
   */
  follow(
    filter: EventFilter,
    after: number | 'now',
    options: { silenceMs: number; signal: AbortSignal },
  ): Promise<AsyncIterable<EventPage>>;
  /**
   * Until what it returns is called. What was changed in the records when they were looked at after
   * this call need not be told.
   */
  watch(watcher: Watcher): () => void;
  listener: Listener;
  close(): Promise<void>;
}

export interface Watcher {
  /**
   * All events that become readable from now on, but for what is left out, and maybe some of
   * before.
   */
  onEvents(events: readonly EventRow[]): void;
  /** Some were left out: look at the records. */
  onLeftOut(): void;
}

/** Bounds what one follower is given at a time. */
const pageSize = 500;
const readSize = 1_000;
/**
 * So far back the memory begins when the first follower comes: those who were cut off with a
 * process that ended find their place.
 */
const rememberedAtFirst = 2_000;
/** A notification that was lost, or a read that failed, is made up for. */
const netMs = 5_000;
/** How often is looked who has heard nothing for a while. */
const tickMs = 1_000;

interface Follower {
  filter: EventFilter;
  /** Up to where it has been told, or nothing concerns it. */
  cursor: number;
  /** Not null while it waits. */
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
  /** How far one statement looks for what no index finds, if not as far as usual. */
  lookedAt?: number;
}): EventReader {
  const recent = createRecentEvents();
  const followers = new Set<Follower>();
  const watchers = new Set<Watcher>();
  let isAwake = false;
  let isBehind = false;
  let reading: Promise<void> | null = null;
  let ticking: NodeJS.Timeout | null = null;
  let netAtMs = 0;

  /** Resolves when all is read that could be read at the time of the call. */
  function readOn(): Promise<void> {
    isBehind = true;
    return (reading ??= readAll().finally(() => (reading = null)));
  }

  async function readAll(): Promise<void> {
    while (isBehind) {
      isBehind = false;
      if (!isAwake) await leaveOut();
      for (let count = readSize; count === readSize;) {
        const events = await readEventsAfter(db, recent.newest(), { limit: readSize });
        recent.add(events);
        tell(events);
        count = events.length;
      }
      // All of them may have gone meanwhile.
      isAwake = isWanted();
    }
  }

  /**
   * What came long ago, while nobody read. Watchers may have come before it: an earlier read may
   * have failed.
   */
  async function leaveOut(): Promise<void> {
    const newest = await newestPosition(db);
    if (newest - recent.newest() <= rememberedAtFirst) return;
    recent.beginAfter(newest - rememberedAtFirst);
    for (const watcher of watchers) watcher.onLeftOut();
  }

  /** Wakes whom new events concern; the others are as far now as these events go. */
  function tell(events: readonly EventRow[]): void {
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
    netAtMs = performance.now() + netMs;
    readOn().catch((err: unknown) =>
      log.warn({ err }, 'events could not be read; it is tried again'),
    );
  }

  function tick(): void {
    const now = performance.now();
    if (now >= netAtMs) look();
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
    // One that is never begun to be read leaves, too.
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
        // More may have come while this was taken.
        if (follower.cursor < recent.newest() || signal.aborted) continue;
        await new Promise<void>((resolve) => (follower.wake = resolve));
      }
    } finally {
      follower.leave();
    }
  }

  return {
    // While it slept, what lies behind the newest it knows may have come and been deleted.
    positionOf: (projectId, id) => (isAwake ? recent.positionOf(projectId, id) : undefined),
    async follow(filter, after, options) {
      const follower = join(filter, options.signal);
      try {
        if (!isAwake) await readOn();
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
      await reading?.catch(() => undefined); // it was logged
    },
  };
}

/** At once no longer waiting: what comes before it is its turn must not be taken for seen. */
function wake(follower: Follower): void {
  const resolve = follower.wake;
  follower.wake = null;
  resolve?.();
}
