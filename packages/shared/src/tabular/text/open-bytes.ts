/**
 * Opens the bytes of a table as an object store streams them, each time again from the beginning,
 * and converts them to UTF-8.
 */
import { createDecoder, escape, type Encoding } from './encodings.ts';
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

/**
 * The file as UTF-8, in pieces. Throws `EncodingNotConfirmed` at a byte that does not fit the
 * encoding.
 * @param isCertain the whole file is known to be in this encoding, so UTF-8 is not decoded to check
 */
export async function* readUtf8(
  open: OpenBytes,
  encoding: Encoding,
  isCertain: boolean,
): AsyncGenerator<Uint8Array> {
  if (encoding === 'utf-8' && isCertain) {
    yield* slice(open());
    return;
  }
  const decoder = createDecoder(encoding);
  const decode = (piece?: Uint8Array): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch (cause) {
      throw new EncodingNotConfirmed(`the file is not ${encoding} to its end`, { cause });
    }
  };
  for await (const piece of slice(open())) {
    // Only reading the whole file tells whether its escapes are those of ISO-2022-JP.
    if (encoding === 'utf-8' && piece.includes(escape))
      throw new EncodingNotConfirmed('the file has escape sequences');
    const text = decode(piece);
    yield encoding === 'utf-8' ? piece : Buffer.from(text);
  }
  const rest = decode();
  if (encoding !== 'utf-8') yield Buffer.from(rest);
}
