/**
 * Server-sent events out of a body that arrives in pieces of any size. `eventsource-parser` knows
 * the format; this adds the decoding of UTF-8, the event that a body ends with before its blank
 * line (it may be cut), and an error when an event is longer than any real one.
 */
import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  /** Empty when the event has no name. */
  name: string;
  data: string;
}

/** Pictures are taken out of the events before, so a real one has about a kilobyte. */
const defaultMaxEventCharacters = 64 * 1024 * 1024;

/**
 * Yields the events; comments yield nothing. Throws when more than `maxEventCharacters` of one
 * event have been buffered.
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  maxEventCharacters = defaultMaxEventCharacters,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const events: ServerSentEvent[] = [];
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: maxEventCharacters,
    onEvent: ({ event = '', data }) => void events.push({ name: event, data }),
    // Its other errors are about fields that the standard says to ignore.
    onError: ({ type }) => (isTooLong ||= type === 'max-buffer-size-exceeded'),
  });
  for await (const chunk of chunks) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* events.splice(0);
    if (isTooLong)
      throw new Error(`an event of the stream is longer than ${maxEventCharacters} characters`);
  }
  parser.feed(`${decoder.decode()}\n\n`);
  yield* events;
}
