/**
 * Decodes and hashes base64 that arrives in pieces. Strict like `decodeBase64` (RFC 4648 section 4,
 * padded, no white space).
 */
import { createHash } from 'node:crypto';

export interface DecodedPicture {
  bytes: Uint8Array;
  sha256: string;
}

export interface Base64Decoder {
  /** Throws when the image is longer than any real one. */
  write(piece: Buffer): void;
  /** Returns null when the text was not base64. */
  end(): DecodedPicture | null;
}

/** An uncompressed 4K image of noise has 33 MB. */
const maxBytes = 48 * 1024 * 1024;
/**
 * First buffer size for an unknown length, and the largest first buffer for a known one: the answer
 * may contain several images.
 */
const [firstBytes, maxFirstBytes] = [1024 * 1024, 16 * 1024 * 1024];

/**
 * @param textBytes the longest possible text, if known: a buffer that must grow leaves garbage,
 * whose collection delays every running call
 */
export function createBase64Decoder(textBytes: number | null = null): Base64Decoder {
  let bytes = Buffer.allocUnsafe(
    textBytes === null ? firstBytes : Math.min(maxFirstBytes, Math.ceil((textBytes * 3) / 4)),
  );
  let size = 0;
  const hash = createHash('sha256');
  /**
   * Characters that are not decoded yet: an incomplete group, or the last one, since only the last
   * group may have padding.
   */
  let held: Buffer = Buffer.alloc(0);
  let isBase64 = true;

  function decode(text: Buffer, padding: number): void {
    const expected = (text.length / 4) * 3 - padding;
    if (size + expected > maxBytes)
      throw new Error(`a picture of the answer is longer than ${maxBytes} bytes`);
    if (size + expected > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, size + expected));
      bytes.copy(larger, 0, 0, size);
      bytes = larger;
    }
    // Node also accepts the URL alphabet and skips other characters; the decoded length reveals
    // them.
    if (text.includes(0x2d) || text.includes(0x5f)) isBase64 = false;
    if (bytes.write(text.toString('latin1'), size, 'base64') !== expected) isBase64 = false;
    hash.update(bytes.subarray(size, size + expected));
    size += expected;
  }

  return {
    write(piece) {
      if (!isBase64) return;
      // Complete the held group separately, so that the piece need not be copied.
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
      // The buffers of an answer with many images had space for all of them; copy small images so
      // that this space is released.
      return {
        bytes: size * 2 < bytes.length ? Buffer.from(decoded) : decoded,
        sha256: hash.digest('hex'),
      };
    },
  };
}
