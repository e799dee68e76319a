/** The newest events, in memory: every one from `begin` (exclusive) to `newest`. */
import {
  parseEventCursor,
  type EventFilter,
  type EventRow,
} from '../../records/events/event-log.ts';

export interface RecentEvents {
  begin(): number;
  newest(): number;
  /** Forgets all, and goes on behind a position. */
  beginAfter(position: number): void;
  /** The events that follow the newest. */
  add(events: readonly EventRow[]): void;
  /**
   * Those behind `after` that match, at most `limit`, and how far they go. `after` must not lie
   * before the beginning.
   */
  take(filter: EventFilter, after: number, limit: number): { events: EventRow[]; cursor: number };
  /** Of an event or a place. */
  positionOf(projectId: string, id: string): number | undefined;
}

/** Some ten megabytes. */
const mostKept = 10_000;

export function createRecentEvents(most = mostKept): RecentEvents {
  let begin = 0;
  let events: EventRow[] = [];
  const byId = new Map<string, EventRow>();
  const newest = (): number => events.at(-1)?.position ?? begin;

  /** Of the first event behind a position; what is asked for lies near the end. */
  function indexAfter(position: number): number {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((events[middle]?.position ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  return {
    begin: () => begin,
    newest,
    beginAfter(position) {
      begin = position;
      events = [];
      byId.clear();
    },
    add(added) {
      for (const event of added) {
        events.push(event);
        byId.set(event.id, event);
      }
      // Now and then, rather than with every event.
      if (events.length < most * 1.25) return;
      const dropped = events.splice(0, events.length - most);
      for (const { id } of dropped) byId.delete(id);
      begin = dropped.at(-1)?.position ?? begin;
    },
    take(filter, after, limit) {
      const taken: EventRow[] = [];
      for (let index = indexAfter(after); index < events.length; index += 1) {
        const event = events[index];
        if (event === undefined || !matches(event, filter)) continue;
        taken.push(event);
        if (taken.length === limit) return { events: taken, cursor: event.position };
      }
      // Somebody may have been told elsewhere of what has not been read here yet.
      return { events: taken, cursor: Math.max(after, newest()) };
    },
    positionOf(projectId, id) {
      const eventCursor = parseEventCursor(id);
      if (eventCursor !== undefined)
        return eventCursor >= begin && eventCursor <= newest() ? eventCursor : undefined;
      const event = byId.get(id);
      return event?.project_id === projectId ? event.position : undefined;
    },
  };
}

export function matches(
  event: EventRow,
  { projectId, jobId, batchId, types }: EventFilter,
): boolean {
  return (
    (projectId === undefined || event.project_id === projectId) &&
    (jobId === undefined || event.job_id === jobId) &&
    (batchId === undefined || event.batch_id === batchId) &&
    (types === undefined || types.includes(event.type))
  );
}
