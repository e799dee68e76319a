/**
 * Opens the bytes of a table as an object store streams them, each time again from the beginning.
 */
import { sliceBytes } from '../limits.ts';

export type OpenBytes = () => AsyncIterable<Uint8Array>;

/** Splits the chunks of the source into pieces of a limited size. */
export async function* slice(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += sliceBytes)
      yield chunk.subarray(start, start + sliceBytes);
  }
}

/**
 * The encoding guessed from the beginning of a file is wrong, or reading stopped before the end
 * could confirm it. The caller opens the table again and lets the whole file be examined first.
 */
export class EncodingNotConfirmed extends Error {
  override readonly name = 'EncodingNotConfirmed';
}
