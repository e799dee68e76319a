/**
 * Decodes a whole file in the encodings that its beginning allows: the one that the caller or the
 * byte order mark names, else UTF-8, or UTF-16 by its zeros.
 */
import type { TextDecoder } from 'node:util';
import { headBytes } from '../limits.ts';
import { createDecoder, encodingOfMark, escape, type Encoding } from './encodings.ts';
import type { OpenBytes } from './open-bytes.ts';
import { createSevenBitDetector, type SevenBitFinding } from './seven-bit.ts';

/** The first bytes of the file. */
export interface Head {
  bytes: Uint8Array;
  /** The file has no other bytes. */
  isWhole: boolean;
}

export function unicodeCandidates(
  head: Uint8Array,
  given: Encoding | undefined,
): readonly Encoding[] {
  // The byte order mark is a fact; what the caller says may be the default of a program.
  const certain = encodingOfMark(head) ?? given;
  if (certain !== undefined) return [certain];
  const { guess } = countZeros(head);
  return guess === undefined ? ['utf-8'] : [guess, 'utf-8'];
}

/**
 * Recognises UTF-16 without a byte order mark: delimiters, digits and line ends of a table are
 * ASCII, so every second byte of them is zero.
 */
function countZeros(head: Uint8Array): { guess: Encoding | undefined; share: number } {
  let even = 0;
  let odd = 0;
  for (let index = 0; index < head.length; index += 1) {
    if (head[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const share = Math.max(even, odd) / Math.max(1, head.length);
  if (share < minZeroShare) return { guess: undefined, share };
  if (odd > 4 * even) return { guess: 'utf-16le', share };
  return { guess: even > 4 * odd ? 'utf-16be' : undefined, share };
}

const minZeroShare = 0.02;
export function chooseUnicode(
  remaining: readonly Attempt[],
  head: Uint8Array,
): Encoding | undefined {
  const [first, second] = remaining.map(({ encoding }) => encoding);
  return second === undefined || hasWideLineEnds(head, first) ? first : second;
}

/**
 * Text in UTF-16 may also be valid UTF-8, with many controls. Its line feeds then have two bytes,
 * of which one is zero; those of UTF-8 with some NULs have not.
 */
function hasWideLineEnds(head: Uint8Array, encoding: Encoding | undefined): boolean {
  const lowByte = encoding === 'utf-16be' ? 1 : 0;
  let wide = 0;
  let narrow = 0;
  for (let unit = 0; unit + 1 < head.length; unit += 2) {
    const isLineFeed = head[unit + lowByte] === lineFeed;
    if (isLineFeed && head[unit + 1 - lowByte] === 0) wide += 1;
    else if (isLineFeed || head[unit + 1 - lowByte] === lineFeed) narrow += 1;
  }
  return wide > 3 * narrow || (narrow === 0 && countZeros(head).share > asciiZeroShare);
}

const lineFeed = 0x0a;
/** ASCII text in UTF-16 is also valid UTF-8; half of its bytes are zero. */
const asciiZeroShare = 0.25;

export interface Tried {
  remaining: Attempt[];
  head: Head;
  /** The escape sequences of ISO-2022 are valid UTF-8. */
  hasEscape: boolean;
  /** So are those of UTF-7 and HZ. */
  sevenBit: SevenBitFinding | undefined;
}

interface Attempt {
  encoding: Encoding;
  decoder: TextDecoder;
}

/**
 * Decodes the whole file in each of the encodings, and returns the attempts that did not fail.
 * Stops when all have failed.
 */
export async function tryEncodings(
  open: OpenBytes,
  choose: (head: Uint8Array) => readonly Encoding[],
): Promise<Tried> {
  let hasEscape = false;
  const sevenBit = createSevenBitDetector();
  let attempts: Attempt[] | undefined;
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  const head: Head = { bytes: new Uint8Array(), isWhole: true };
  const feed = (chunk: Uint8Array, last: boolean): void => {
    hasEscape ||= chunk.includes(escape);
    sevenBit.add(chunk);
    attempts = attempts?.filter((attempt) => isDecodable(attempt, chunk, last));
  };
  const begin = (): void => {
    const bytes = Buffer.concat(buffered);
    buffered = [];
    head.bytes = bytes.subarray(0, headBytes);
    head.isWhole = bytes.length <= headBytes;
    attempts = choose(head.bytes).map((encoding) => ({
      encoding,
      decoder: createDecoder(encoding),
    }));
    feed(bytes, false);
  };
  for await (const chunk of open()) {
    if (attempts === undefined) {
      buffered.push(chunk);
      bufferedBytes += chunk.length;
      // Wait for one byte more than the head, to know whether the file has more.
      if (bufferedBytes > headBytes) begin();
    } else {
      feed(chunk, false);
    }
    if (attempts?.length === 0) return { remaining: [], head, hasEscape, sevenBit: undefined };
  }
  if (attempts === undefined) begin();
  feed(new Uint8Array(), true);
  return { remaining: attempts ?? [], head, hasEscape, sevenBit: sevenBit.end() };
}

function isDecodable({ decoder }: Attempt, chunk: Uint8Array, last: boolean): boolean {
  try {
    decoder.decode(chunk, { stream: !last });
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false;
    throw error;
  }
}
