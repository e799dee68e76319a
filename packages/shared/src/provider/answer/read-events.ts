/**
 * Server-Sent Events out of a body that arrives in pieces. Bounded, which the SDK's reader is not,
 * and without copying a picture of tens of megabytes for every piece of it. Lines end with LF or
 * CRLF; the lone CR that the standard allows as well is written by nobody.
 */

export interface ServerSentEvent {
  /** Empty where the event has no name. */
  name: string;
  data: string;
}

/** One 4K picture of noise in base64 is about half of it. */
const defaultMaxEventBytes = 64 * 1024 * 1024;

const lineFeed = 0x0a;

/** Comments and unfinished events give nothing. Throws when an event is longer than any can be. */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  maxEventBytes = defaultMaxEventBytes,
): AsyncGenerator<ServerSentEvent> {
  let name = '';
  let data: string[] = [];
  let eventBytes = 0;
  for await (const line of readLines(chunks, maxEventBytes)) {
    eventBytes += line.length;
    if (eventBytes > maxEventBytes) throw tooLong(maxEventBytes);
    const { field, value } = splitField(line);
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
    if (line !== '') continue;
    if (data.length > 0) yield { name, data: data.join('\n') };
    name = '';
    data = [];
    eventBytes = 0;
  }
}

function splitField(line: string): { field: string; value: string } {
  const colon = line.indexOf(':');
  if (colon === -1) return { field: line, value: '' };
  return {
    field: line.slice(0, colon),
    value: line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1)),
  };
}

/** Lines without their ends; what stands behind the last end is no line. */
async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      pieces.push(chunk.subarray(start, end));
      const line = Buffer.concat(pieces).toString('utf8');
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
      pieces = [];
      bytes = 0;
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > maxBytes) throw tooLong(maxBytes);
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`an event of the stream is longer than ${maxBytes} bytes`);
}
