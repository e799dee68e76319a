/**
 * Finds the encoding of a file: the byte order mark, or UTF-8 if *every* byte of the file allows
 * it, or CP932, or EUC-JP. Never the other way round: half of all two-byte UTF-8 is also valid
 * CP932. What is found is certain to decode to the end.
 */
import { fileKindOf, type FileKind } from '../../domain/file-signatures.ts';
import type { TextDecoder } from 'node:util';
import { createDecoder, encodingOfMark, type Encoding } from './encodings.ts';
import { headBytes } from '../limits.ts';
import type { OpenBytes } from './open-bytes.ts';
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';

export type EncodingFinding =
  | { status: 'found'; encoding: Encoding; bom: boolean; head: Head }
  | { status: 'refused'; problem: RowProblem };

/** The first bytes of the file. */
export interface Head {
  bytes: Uint8Array;
  /** The file has no others. */
  isWhole: boolean;
}

const legacy: readonly Encoding[] = ['shift_jis', 'euc-jp'];

/**
 * Reads the file once to its end; a second time where only its later part shows that it is not
 * UTF-8.
 */
export async function detectEncoding(open: OpenBytes, told?: Encoding): Promise<EncodingFinding> {
  const { left, head } = await tryEncodings(open, (bytes) => candidatesOf(bytes, told));
  const unsupported = describeSignature(head.bytes);
  if (unsupported !== undefined) {
    return { status: 'refused', problem: buildProblem('unsupported_file', unsupported) };
  }
  const mark = encodingOfMark(head.bytes);
  const choice = chooseUnicode(left, head.bytes);
  if (choice !== undefined)
    return { status: 'found', encoding: choice, bom: mark !== undefined, head };
  if (told !== undefined || mark !== undefined) {
    return { status: 'refused', problem: describeFailure(told, mark) };
  }
  const second = await tryEncodings(open, () => legacy);
  const encoding = chooseLegacy(second.left);
  if (encoding !== undefined) return { status: 'found', encoding, bom: false, head };
  return { status: 'refused', problem: describeFailure() };
}

/** The beginning of a file whose encoding is known, as it has been found before. */
export async function readHead(
  open: OpenBytes,
  encoding: Encoding,
): Promise<Extract<EncodingFinding, { status: 'found' }>> {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of open()) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes > headBytes) break;
  }
  const bytes = Buffer.concat(held);
  const head = { bytes: bytes.subarray(0, headBytes), isWhole: bytes.length <= headBytes };
  return { status: 'found', encoding, bom: encodingOfMark(head.bytes) !== undefined, head };
}

function candidatesOf(head: Uint8Array, told: Encoding | undefined): readonly Encoding[] {
  const mark = encodingOfMark(head);
  // Who says UTF-16 seldom means one of the two.
  const certain = told?.startsWith('utf-16') && mark?.startsWith('utf-16') ? mark : (told ?? mark);
  if (certain !== undefined) return [certain];
  const { guess } = countZeros(head);
  return guess === undefined ? ['utf-8'] : [guess, 'utf-8'];
}

/**
 * UTF-16 without its mark: delimiters, digits and line ends are ASCII in any table, and half of
 * each of them is zero.
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
  if (share < leastZeros) return { guess: undefined, share };
  if (odd > 4 * even) return { guess: 'utf-16le', share };
  return { guess: even > 4 * odd ? 'utf-16be' : undefined, share };
}

const leastZeros = 0.02;
/** ASCII in UTF-16 is UTF-8 as well, and then half of it is zero. */
const zerosOfAscii = 0.25;

function chooseUnicode(left: readonly Attempt[], head: Uint8Array): Encoding | undefined {
  const [first, second] = left.map(({ encoding }) => encoding);
  return second === undefined || countZeros(head).share > zerosOfAscii ? first : second;
}

interface Attempt {
  encoding: Encoding;
  decoder: TextDecoder;
  counts: ScriptCounts;
}

/**
 * Decodes the whole file in each of some encodings, and leaves the attempts that did not break.
 * Stops when all have.
 */
async function tryEncodings(
  open: OpenBytes,
  choose: (head: Uint8Array) => readonly Encoding[],
): Promise<{ left: Attempt[]; head: Head }> {
  let attempts: Attempt[] | undefined;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const head: Head = { bytes: new Uint8Array(), isWhole: true };
  const feed = (chunk: Uint8Array, last: boolean): void => {
    attempts = attempts?.filter((attempt) => isDecodable(attempt, chunk, last));
  };
  const begin = (): void => {
    const bytes = Buffer.concat(held);
    held = [];
    head.bytes = bytes.subarray(0, headBytes);
    head.isWhole = bytes.length <= headBytes;
    attempts = choose(head.bytes).map((encoding) => ({
      encoding,
      decoder: createDecoder(encoding),
      counts: { narrowKana: 0, wideKana: 0, all: 0 },
    }));
    feed(bytes, false);
  };
  for await (const chunk of open()) {
    if (attempts === undefined) {
      held.push(chunk);
      heldBytes += chunk.length;
      // One byte more than the head, so that it is known whether there are others.
      if (heldBytes > headBytes) begin();
    } else {
      feed(chunk, false);
    }
    if (attempts?.length === 0) return { left: [], head };
  }
  if (attempts === undefined) begin();
  feed(new Uint8Array(), true);
  return { left: attempts ?? [], head };
}

function isDecodable(
  { encoding, decoder, counts }: Attempt,
  chunk: Uint8Array,
  last: boolean,
): boolean {
  try {
    const text = decoder.decode(chunk, { stream: !last });
    if (legacy.includes(encoding)) countScripts(text, counts);
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false;
    throw error;
  }
}

interface ScriptCounts {
  /** Half-width katakana, which nearly nobody writes a whole file in. */
  narrowKana: number;
  /** Hiragana and katakana, without which there is no Japanese text. */
  wideKana: number;
  /** All characters beyond ASCII. */
  all: number;
}

const countedCharacters = 20_000;

function countScripts(text: string, counts: ScriptCounts): void {
  for (let index = 0; index < text.length && counts.all < countedCharacters; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    counts.all += 1;
    if (unit >= 0xff61 && unit <= 0xff9f) counts.narrowKana += 1;
    else if (unit >= 0x3040 && unit <= 0x30ff) counts.wideKana += 1;
  }
}

/**
 * CP932 wherever it is possible, with one exception: kana of EUC-JP are often valid CP932 as well,
 * and read there as half-width katakana nobody would have typed.
 */
function chooseLegacy(left: readonly Attempt[]): Encoding | undefined {
  const [shiftJis, eucJp] = legacy.map((encoding) =>
    left.find((attempt) => attempt.encoding === encoding),
  );
  if (shiftJis === undefined || eucJp === undefined) return (shiftJis ?? eucJp)?.encoding;
  const looksNarrow = shiftJis.counts.narrowKana * 3 > shiftJis.counts.all;
  const looksJapanese = eucJp.counts.wideKana * 5 > eucJp.counts.all;
  return looksNarrow && looksJapanese ? 'euc-jp' : 'shift_jis';
}

const messagesByKind: Readonly<Partial<Record<FileKind, string>>> = {
  zip: 'The file is an Excel workbook (.xlsx) or another archive; save it as "CSV UTF-8" and upload that',
  office: 'The file is an old Excel workbook (.xls); save it as "CSV UTF-8" and upload that',
  pdf: 'The file is a PDF, not a table',
  gzip: 'The file is compressed with gzip; upload it uncompressed',
  png: 'The file is a picture (PNG), not a table',
  jpeg: 'The file is a picture (JPEG), not a table',
};

function describeSignature(head: Uint8Array): string | undefined {
  const kind = fileKindOf(head);
  return kind === null ? undefined : messagesByKind[kind];
}

function describeFailure(told?: Encoding, mark?: Encoding): RowProblem {
  if (told !== undefined) {
    return buildProblem(
      'invalid_encoding',
      `The file is not ${told} to its end, which it was said to be`,
    );
  }
  const message =
    mark === undefined
      ? 'The file is no text in UTF-8, UTF-16, Shift_JIS (CP932) or EUC-JP; save it as "CSV UTF-8", or say its encoding'
      : `The file begins as ${mark}, and is not ${mark} to its end`;
  return buildProblem('invalid_encoding', message);
}
