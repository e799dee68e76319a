/** Decoders of the encodings that a table may have, and their byte order marks. */
import { TextDecoder } from 'node:util';
import type { TextEncoding } from '../../domain/text/text-encodings.ts';

export type Encoding = TextEncoding;

/** The encoding of the byte order mark, if the first bytes are one. */
export function encodingOfMark(bytes: Uint8Array): Encoding | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // The mark of GB18030 is that of UTF-8, converted.
  if (bytes[0] === 0x84 && bytes[1] === 0x31 && bytes[2] === 0x95 && bytes[3] === 0x33)
    return 'gb18030';
  return undefined;
}

/**
 * The decoder removes the byte order mark, and throws a TypeError at the first byte that is invalid
 * in the encoding.
 */
export function createDecoder(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding, { fatal: true });
}

/** Begins the escape sequences of the encodings of ISO-2022. */
export const escape = 0x1b;

/** `TextDecoder` does not have UTF-32, whose byte order marks begin like those of UTF-16. */
export function isUtf32(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if (c === undefined || d === undefined) return false;
  return (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe);
}
