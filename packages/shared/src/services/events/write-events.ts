/** Pages of events as server-sent events, and an event as it is told. */
import { toSeconds } from '../../domain/unix-seconds.ts';
import { formatEventCursor, type EventRow } from '../../records/events/event-log.ts';
import type { Event, EventType } from '../../schemas/event.ts';
import type { EventPage } from './event-reader.ts';
import { formatEvent, formatCursorComment, formatRetry } from './server-sent-events.ts';

/** Clients that are cut off together come back one after another. */
const returnMs = { least: 1_000, most: 3_000 };
/** So much is written at a time, and waited for until it is taken. */
const pieceBytes = 32_768;

/**
 * @param isLast whether nothing is to be expected behind an event of this type, if it is the newest
 * there is
 */
export async function* writePages(
  pages: AsyncIterable<EventPage>,
  isLast: (type: EventType) => boolean,
): AsyncGenerator<Buffer> {
  // Sends the headers, too.
  yield formatRetry(returnMs.least + Math.random() * (returnMs.most - returnMs.least));
  let last: EventRow | undefined;
  for await (const { events, upTo, isNewest } of pages) {
    if (events.length === 0) yield formatCursorComment(formatEventCursor(upTo));
    yield* inPieces(events.map(writtenForm));
    last = events.at(-1) ?? last;
    if (isNewest && last !== undefined && isLast(last.type)) return;
  }
}

function* inPieces(buffers: readonly Buffer[]): Generator<Buffer> {
  let piece: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers) {
    if (bytes > 0 && bytes + buffer.length > pieceBytes) {
      yield joined(piece);
      piece = [];
      bytes = 0;
    }
    piece.push(buffer);
    bytes += buffer.length;
  }
  if (bytes > 0) yield joined(piece);
}

function joined(buffers: readonly Buffer[]): Buffer {
  const [only] = buffers;
  return only !== undefined && buffers.length === 1 ? only : Buffer.concat(buffers);
}

/** Many followers are sent the same. */
const writtenForms = new WeakMap<EventRow, Buffer>();

function writtenForm(row: EventRow): Buffer {
  const known = writtenForms.get(row);
  if (known !== undefined) return known;
  const written = formatEvent({ id: row.id, type: row.type, data: toEvent(row) });
  writtenForms.set(row, written);
  return written;
}

export function toEvent({ id, type, created_at: at, data }: EventRow): Event {
  return { id, object: 'event', type, created_at: toSeconds(at), data };
}
