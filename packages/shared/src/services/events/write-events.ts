/** Formats pages of events as server-sent events, and an event row as an API object. */
import { toSeconds } from '../../domain/unix-seconds.ts';
import { formatEventCursor, type EventRow } from '../../records/events/event-log.ts';
import type { Event, EventType } from '../../schemas/event.ts';
import type { EventPage } from './event-reader.ts';
import { formatEvent, formatCursorComment, formatRetry } from './server-sent-events.ts';

/** A random delay spreads the return of clients that are disconnected together. */
const reconnectMs = { min: 1_000, max: 3_000 };
/** The stream waits until the client has taken one chunk before it yields the next. */
const maxChunkBytes = 32_768;

/**
 * Yields a stream's bytes and ends after its last event.
 * @param isLast whether an event of this type ends the stream when it is the newest one
 */
export async function* writePages(
  pages: AsyncIterable<EventPage>,
  isLast: (type: EventType) => boolean,
): AsyncGenerator<Buffer> {
  // The first bytes also make the server send the headers.
  yield formatRetry(reconnectMs.min + Math.random() * (reconnectMs.max - reconnectMs.min));
  let last: EventRow | undefined;
  for await (const { events, upTo, isNewest } of pages) {
    if (events.length === 0) yield formatCursorComment(formatEventCursor(upTo));
    yield* toChunks(events.map(formatRow));
    last = events.at(-1) ?? last;
    if (isNewest && last !== undefined && isLast(last.type)) return;
  }
}

function* toChunks(buffers: readonly Buffer[]): Generator<Buffer> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers) {
    if (bytes > 0 && bytes + buffer.length > maxChunkBytes) {
      yield join(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(buffer);
    bytes += buffer.length;
  }
  if (bytes > 0) yield join(chunk);
}

function join(buffers: readonly Buffer[]): Buffer {
  const [only] = buffers;
  return only !== undefined && buffers.length === 1 ? only : Buffer.concat(buffers);
}

/** Many followers receive the same rows, so each row is formatted once. */
const formattedRows = new WeakMap<EventRow, Buffer>();

function formatRow(row: EventRow): Buffer {
  const known = formattedRows.get(row);
  if (known !== undefined) return known;
  const formatted = formatEvent({ id: row.id, type: row.type, data: toEvent(row) });
  formattedRows.set(row, formatted);
  return formatted;
}

export function toEvent({ id, type, created_at: at, data }: EventRow): Event {
  return { id, object: 'event', type, created_at: toSeconds(at), data };
}
