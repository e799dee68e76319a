/**
 * Base64 that comes in pieces, decoded and hashed as it comes: strict (RFC 4648 section 4, padded,
 * no white space), as `decodeBase64` is.
 */
import { createHash } from 'node:crypto';

export interface DecodedPicture {
  bytes: Uint8Array;
  sha256: string;
}

export interface Base64Decoder {
  /** Throws where it is more than any picture. */
  write(piece: Buffer): void;
  /** null where what came is not base64. */
  end(): DecodedPicture | null;
}

/** One 4K picture of noise, without any compression, is 33 MB. */
const mostBytes = 48 * 1024 * 1024;
/**
 * Where nothing tells how long the text will be, and the most that is believed of what does: there
 * may be several in one answer.
 */
const [firstBytes, mostFirstBytes] = [1024 * 1024, 16 * 1024 * 1024];

/**
 * @param textBytes how long the text may be, if that is known: memory that has to grow is
 * collected, at the expense of every call under way
 */
export function createBase64Decoder(textBytes: number | null = null): Base64Decoder {
  let bytes = Buffer.allocUnsafe(
    textBytes === null ? firstBytes : Math.min(mostFirstBytes, Math.ceil((textBytes * 3) / 4)),
  );
  let size = 0;
  const hash = createHash('sha256');
  /**
   * What does not make a whole group yet. The last group is held back as well: only there may be
   * padding.
   */
  let held: Buffer = Buffer.alloc(0);
  let isBase64 = true;

  function decode(text: Buffer, padding: number): void {
    const expected = (text.length / 4) * 3 - padding;
    if (size + expected > mostBytes)
      throw new Error(`a picture of the answer is longer than ${mostBytes} bytes`);
    if (size + expected > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, size + expected));
      bytes.copy(larger, 0, 0, size);
      bytes = larger;
    }
    // Node takes the alphabet of URLs as well, and passes over what belongs to neither: the length
    // tells.
    if (text.includes(0x2d) || text.includes(0x5f)) isBase64 = false;
    if (bytes.write(text.toString('latin1'), size, 'base64') !== expected) isBase64 = false;
    hash.update(bytes.subarray(size, size + expected));
    size += expected;
  }

  return {
    write(piece) {
      if (!isBase64) return;
      // What is held is made whole by itself, so that the piece need not be copied.
      const missing = held.length === 0 ? 0 : 4 - held.length;
      if (held.length > 0) held = Buffer.concat([held, piece.subarray(0, missing)]);
      const rest = piece.subarray(missing);
      if (rest.length === 0) return;
      if (held.length > 0) decode(held, 0);
      const whole = (rest.length - 1) & ~3;
      if (whole > 0) decode(rest.subarray(0, whole), 0);
      held = Buffer.from(rest.subarray(whole));
    },
    end() {
      if (!isBase64 || held.length !== 4) return null;
      const last = held.toString('latin1');
      decode(held, last.endsWith('==') ? 2 : last.endsWith('=') ? 1 : 0);
      if (!isBase64) return null;
      const decoded = bytes.subarray(0, size);
      // Of an answer with many pictures each was given room for all of them, which would be held
      // until the last is kept.
      return {
        bytes: size * 2 < bytes.length ? Buffer.from(decoded) : decoded,
        sha256: hash.digest('hex'),
      };
    },
  };
}
