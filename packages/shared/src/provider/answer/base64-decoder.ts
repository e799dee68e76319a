/**
 * Decodes and hashes base64 that arrives in pieces.
 *
 * Problem: providers and gateways write base64 in many ways, and a picture that was paid for must
 * not be thrown away because of its spelling.
 * Approach: accept both alphabets, a `data:` prefix, white space and control characters anywhere,
 * and missing padding. The usual text is decoded in whole groups without being copied; only a piece
 * with other characters is cleaned first.
 * Guarantee: text with any other character gives no picture, because a lost or changed character
 * would change the picture.
 * It does not check that the bytes are a complete picture; `inspect-image.ts` does.
 * Used by `extract-base64-images.ts`.
 */
import { createHash } from 'node:crypto';

export interface DecodedPicture {
  bytes: Uint8Array;
  sha256: string;
}

export interface Base64Decoder {
  /** Throws when the image is longer than any real one. */
  write(piece: Buffer): void;
  /** Returns null when the text was empty or not base64. */
  end(): DecodedPicture | null;
}

/** An uncompressed 4K image of noise has 33 MB. */
export const maxPictureBytes = 48 * 1024 * 1024;
/**
 * First buffer size for an unknown length, and the largest first buffer for a known one: the answer
 * may contain several images.
 */
const [firstBytes, maxFirstBytes] = [1024 * 1024, 16 * 1024 * 1024];
/** `data:image/png;charset=…;base64,` is far shorter. */
const maxPrefixBytes = 1_024;
const [padding, colon] = [0x3d, 0x3a] as const;

/**
 * @param textBytes the longest possible text, if known: a buffer that must grow leaves garbage,
 * whose collection delays every running call
 */
export function createBase64Decoder(textBytes: number | null = null): Base64Decoder {
  let bytes: Buffer | null = null;
  let size = 0;
  const hash = createHash('sha256');
  /** The beginning of the text, while it may still be a `data:` prefix; null after that. */
  let prefix: Buffer | null = Buffer.alloc(0);
  /** Up to three characters that are not decoded yet, because their group is incomplete. */
  let held: Buffer = Buffer.alloc(0);
  let isPadded = false;
  let isBase64 = true;

  function reserve(wanted: number): Buffer {
    if (wanted > maxPictureBytes)
      throw new Error(`a picture of the answer is longer than ${maxPictureBytes} bytes`);
    if (bytes === null) {
      const first =
        textBytes === null ? firstBytes : Math.min(maxFirstBytes, Math.ceil((textBytes * 3) / 4));
      bytes = Buffer.allocUnsafe(Math.max(first, wanted));
    } else if (wanted > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, wanted));
      // Move the bytes after `size` too: they are of a group whose text is not counted yet.
      bytes.copy(larger);
      bytes = larger;
    }
    return bytes;
  }

  /**
   * Decodes whole groups at `at`. Returns false when the text has characters that are not base64:
   * Node skips or stops at them, and the decoded length reveals it.
   */
  function decodeGroups(text: Buffer, at: number): boolean {
    if (text.length === 0) return true;
    const expected = (text.length / 4) * 3;
    return reserve(at + expected).write(text.toString('latin1'), at, 'base64') === expected;
  }

  /** Returns false, and changes nothing, when the text has characters that are not base64. */
  function append(text: Buffer): boolean {
    // Complete the held group separately, so that the text need not be copied.
    const missing = held.length === 0 ? 0 : Math.min(4 - held.length, text.length);
    const group = Buffer.concat([held, text.subarray(0, missing)]);
    const rest = text.subarray(missing);
    if (group.length > 0 && group.length < 4) {
      held = group;
      return true;
    }
    const whole = rest.length & ~3;
    const middle = size + (group.length / 4) * 3;
    if (!decodeGroups(group, size) || !decodeGroups(rest.subarray(0, whole), middle)) return false;
    const end = middle + (whole / 4) * 3;
    if (bytes !== null) hash.update(bytes.subarray(size, end));
    size = end;
    held = Buffer.from(rest.subarray(whole));
    return true;
  }

  function appendAny(text: Buffer): void {
    if (append(text)) return;
    const cleaned = removeIgnored(Buffer.concat([held, text]));
    held = Buffer.alloc(0);
    isBase64 = append(cleaned);
  }

  function writeText(text: Buffer): void {
    const end = isPadded ? 0 : text.indexOf(padding);
    if (end === -1) {
      appendAny(text);
      return;
    }
    appendAny(text.subarray(0, end));
    isPadded = true;
    // After the padding only more of it may follow.
    if (removeIgnored(text.subarray(end)).some((character) => character !== padding))
      isBase64 = false;
  }

  /** Returns the text after a `data:` prefix, once it is known whether there is one. */
  function readPrefix(begun: Buffer, isAll: boolean): Buffer | null {
    const start = begun.findIndex((character) => !isIgnored(character));
    if (start === -1) return isAll || begun.length > maxPrefixBytes ? Buffer.alloc(0) : null;
    const text = begun.subarray(start);
    const scheme = text.toString('latin1', 0, 5).toLowerCase();
    if (text.length < 5 && !isAll && 'data:'.startsWith(scheme)) return null;
    if (text[4] !== colon || scheme !== 'data:') return text;
    const comma = text.indexOf(',');
    if (comma === -1 && !isAll && text.length < maxPrefixBytes) return null;
    if (comma === -1 || !/;\s*base64\s*$/i.test(text.toString('latin1', 0, comma))) {
      isBase64 = false;
      return Buffer.alloc(0);
    }
    return text.subarray(comma + 1);
  }

  function openText(begun: Buffer, isAll: boolean): void {
    const text = readPrefix(begun, isAll);
    prefix = text === null ? begun : null;
    if (text !== null) writeText(text);
  }

  return {
    write(piece) {
      if (!isBase64 || piece.length === 0) return;
      if (prefix === null) writeText(piece);
      else openText(prefix.length === 0 ? piece : Buffer.concat([prefix, piece]), false);
    },
    end() {
      if (prefix !== null) openText(prefix, true);
      const last = removeIgnored(held).toString('latin1');
      if (!isBase64 || !/^[\w+/-]*$/.test(last)) return null;
      // One character alone holds no byte: a cut has left it.
      const lastBytes = last.length < 2 ? 0 : last.length - 1;
      if (size + lastBytes === 0) return null;
      const all = reserve(size + lastBytes);
      all.write(last, size, lastBytes, 'base64');
      hash.update(all.subarray(size, size + lastBytes));
      size += lastBytes;
      const decoded = all.subarray(0, size);
      // The buffers of an answer with many images had space for all of them; copy small images so
      // that this space is released.
      return {
        bytes: size * 2 < all.length ? Buffer.from(decoded) : decoded,
        sha256: hash.digest('hex'),
      };
    },
  };
}

/** Decodes base64 that is there as a whole. */
export function decodeBase64(text: string): DecodedPicture | null {
  const decoder = createBase64Decoder(text.length);
  decoder.write(Buffer.from(text));
  return decoder.end();
}

/** White space and control characters, which some writers put between the lines. */
function isIgnored(character: number): boolean {
  return character <= 0x20 || character === 0x7f;
}

function removeIgnored(text: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(text.length);
  let size = 0;
  for (const character of text) if (!isIgnored(character)) size = kept.writeUInt8(character, size);
  return kept.subarray(0, size);
}
