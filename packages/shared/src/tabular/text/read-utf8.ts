/** Converts the bytes of a table to UTF-8, while they are read. */
import { createDecoder, escape, type Encoding } from './encodings.ts';
import { EncodingNotConfirmed, slice, type OpenBytes } from './open-bytes.ts';
import { createSevenBitDetector } from './seven-bit.ts';

/**
 * The file as UTF-8, in pieces. Throws `EncodingNotConfirmed` at a byte that does not fit the
 * encoding.
 * @param isCertain the whole file is known to be in this encoding, so UTF-8 is not decoded to check
 * @param isDeclared the caller names the encoding, so UTF-8 is neither UTF-7 nor HZ
 */
export async function* readUtf8(
  open: OpenBytes,
  encoding: Encoding,
  { isCertain, isDeclared }: { isCertain: boolean; isDeclared: boolean },
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
  const sevenBit = encoding === 'utf-8' && !isDeclared ? createSevenBitDetector() : undefined;
  for await (const piece of slice(open())) {
    sevenBit?.add(piece);
    // Only reading the whole file tells whether its escapes are those of ISO-2022-JP.
    if (encoding === 'utf-8' && piece.includes(escape))
      throw new EncodingNotConfirmed('the file has escape sequences');
    const text = decode(piece);
    yield encoding === 'utf-8' ? piece : Buffer.from(text);
  }
  const rest = decode();
  if (encoding !== 'utf-8') yield Buffer.from(rest);
  if (sevenBit?.end() !== undefined)
    throw new EncodingNotConfirmed('the file has the escapes of UTF-7 or HZ');
}
