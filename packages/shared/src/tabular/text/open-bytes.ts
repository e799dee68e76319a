/**
 * How a table's bytes are had: anew each time, from their beginning, as an object store streams
 * them. And how they become UTF-8.
 */
import { createDecoder, type Encoding } from './encodings.ts';
import { sliceBytes } from '../limits.ts';

export type OpenBytes = () => AsyncIterable<Uint8Array>;

/** In pieces of a bounded size, whatever the source hands out. */
async function* slice(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += sliceBytes)
      yield chunk.subarray(start, start + sliceBytes);
  }
}

/**
 * The file as UTF-8, in pieces. The encoding must be the one that was detected: a byte that does
 * not fit it throws.
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
