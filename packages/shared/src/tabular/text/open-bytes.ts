/**
 * Opens the bytes of a table, each time anew from the beginning, as an object store streams them;
 * and converts them to UTF-8.
 */
import { createDecoder, type Encoding } from './encodings.ts';
import { sliceBytes } from '../limits.ts';

export type OpenBytes = () => AsyncIterable<Uint8Array>;

/** Splits the chunks of the source into pieces of a limited size. */
async function* slice(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += sliceBytes)
      yield chunk.subarray(start, start + sliceBytes);
  }
}

/**
 * Yields the file as UTF-8, in pieces. `encoding` must be the detected one: an invalid byte throws.
 */
export async function* readUtf8(open: OpenBytes, encoding: Encoding): AsyncGenerator<Uint8Array> {
  if (encoding === 'utf-8') {
    yield* slice(open());
    return;
  }
  const decoder = createDecoder(encoding);
  for await (const piece of slice(open()))
    yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}
