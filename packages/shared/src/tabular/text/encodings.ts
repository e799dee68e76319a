/**
 * The encodings that a table may have, under the names of `TextDecoder`. `detect-encoding.ts`
 * detects which one a file has.
 */
import { TextDecoder } from 'node:util';

/** windows-1252 is never detected, because every file is valid in it: the caller must name it. */
export const encodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'shift_jis',
  'euc-jp',
  'windows-1252',
] as const;
export type Encoding = (typeof encodings)[number];

/**
 * shift_jis is CP932, which Excel in Japan writes: `TextDecoder` reads its NEC and IBM characters
 * too.
 */
const aliases = new Map<string, Encoding>(
  Object.entries({
    utf8: 'utf-8',
    utf16: 'utf-16le',
    utf16le: 'utf-16le',
    utf16be: 'utf-16be',
    shiftjis: 'shift_jis',
    sjis: 'shift_jis',
    cp932: 'shift_jis',
    ms932: 'shift_jis',
    windows31j: 'shift_jis',
    eucjp: 'euc-jp',
    cp51932: 'euc-jp',
    windows1252: 'windows-1252',
    cp1252: 'windows-1252',
  }),
);

/** Finds an encoding by any of its usual names; undefined when Kiln does not read it. */
export function findEncoding(name: string): Encoding | undefined {
  return aliases.get(name.toLowerCase().replaceAll(/[\s_-]/g, ''));
}

/** The encoding of the byte order mark, if the first bytes are one. */
export function encodingOfMark(bytes: Uint8Array): Encoding | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/**
 * The decoder removes the byte order mark, and throws a TypeError at the first byte that is invalid
 * in the encoding.
 */
export function createDecoder(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding, { fatal: true });
}
