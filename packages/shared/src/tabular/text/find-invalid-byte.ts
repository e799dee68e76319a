/** Finds the first byte of a file that is invalid in an encoding. */
import type { Breaks } from '../../event-loop.ts';
import { createDecoder, type Encoding } from './encodings.ts';
import { slice, type OpenBytes } from './open-bytes.ts';

/** Characters that no text has: controls, private use, unassigned. */
export const unfitCharacter = /[\u0080-\u009f\p{Co}\p{Cn}\ufffd]/u;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Bytes that are examined together. A line end never is a part of a character. */
const maxPieceBytes = 65_536;

/**
 * Undefined if the whole file can be decoded and has only characters that texts have. The encoding
 * must have ASCII line ends, so it may not be UTF-16.
 */
export async function findInvalidByte(
  open: OpenBytes,
  encoding: Encoding,
  breaks: Breaks,
): Promise<number | undefined> {
  let carried: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of slice(open())) {
    if (breaks.isDue()) await breaks.take();
    const bytes = Buffer.concat([carried, chunk]);
    const end = Math.max(bytes.lastIndexOf(lineFeed), bytes.lastIndexOf(carriageReturn)) + 1;
    if (end === 0 && bytes.length < maxPieceBytes) {
      carried = bytes;
      continue;
    }
    const invalid = findIn(bytes.subarray(0, end === 0 ? bytes.length : end), encoding, end === 0);
    if (invalid !== undefined) return offset + invalid.at;
    // The bytes of a line without an end are examined again with the rest of the character.
    const done = end === 0 ? Math.max(0, bytes.length - longestCharacter) : end;
    carried = bytes.subarray(end === 0 ? startOfCharacter(bytes, done, encoding) : end);
    offset += bytes.length - carried.length;
  }
  const last = findIn(carried, encoding, false);
  return last === undefined ? undefined : offset + last.at;
}

const longestCharacter = 8;

/** The beginning of a character at or after `from`, seen from the beginning of the bytes. */
function startOfCharacter(bytes: Buffer, from: number, encoding: Encoding): number {
  for (let at = from; at < bytes.length; at += 1)
    if (isValid(bytes.subarray(0, at), encoding, false)) return at;
  return bytes.length;
}

function findIn(bytes: Buffer, encoding: Encoding, isCut: boolean): { at: number } | undefined {
  if (isValid(bytes, encoding, isCut)) return undefined;
  // The shortest prefix that is invalid ends with the byte; there is no shorter one to try first.
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValid(bytes.subarray(0, middle), encoding, true)) valid = middle;
    else invalid = middle;
  }
  return { at: startOfInvalid(bytes, valid, encoding) };
}

/** The first byte of the character that cannot be decoded: its lead byte, where it has one. */
function startOfInvalid(bytes: Buffer, valid: number, encoding: Encoding): number {
  for (let at = valid; at > Math.max(0, valid - longestCharacter); at -= 1)
    if (isValid(bytes.subarray(0, at), encoding, false)) return at;
  return valid;
}

function isValid(bytes: Uint8Array, encoding: Encoding, isCut: boolean): boolean {
  try {
    const text = createDecoder(encoding).decode(bytes, { stream: isCut });
    // UTF-8 is strict enough, and may have characters that are newer than this program.
    return encoding === 'utf-8' || !unfitCharacter.test(text);
  } catch {
    return false; // the decoder throws at bytes that the encoding does not have
  }
}
