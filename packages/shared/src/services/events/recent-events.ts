/** Keeps the newest events in memory: every one after `begin` and up to `newest`. */
import {
  parseEventCursor,
  type EventFilter,
  type EventRow,
} from '../../records/events/event-log.ts';

export interface RecentEvents {
  begin(): number;
  newest(): number;
  /** Forgets all events and continues after a position. */
  beginAfter(position: number): void;
  /** Appends events, which must follow the newest one. */
  add(events: readonly EventRow[]): void;
  /**
   * Returns matching events after `after`, at most `limit`, and the cursor up to which they are
   * complete. `after` must not be smaller than `begin`.
   */
  take(filter: EventFilter, after: number, limit: number): { events: EventRow[]; cursor: number };
  /** Returns the position of an event or an event cursor, if it is in memory. */
  positionOf(projectId: string, id: string): number | undefined;
}

/** These take about ten megabytes. */
const maxKept = 10_000;

export function createRecentEvents(max = maxKept): RecentEvents {
  let begin = 0;
  let events: EventRow[] = [];
  const byId = new Map<string, EventRow>();
  const newest = (): number => events.at(-1)?.position ?? begin;

  /** Returns the index of the first event after a position. */
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
      // Drop old events in larger steps, not one with every new event.
      if (events.length < max * 1.25) return;
      const dropped = events.splice(0, events.length - max);
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
      // A client may have received events from another process that are not in memory here yet.
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
