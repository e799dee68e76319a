/**
 * Detects the encoding of a file: by its byte order mark or what the caller says, else UTF-8 if
 * every byte of the file allows it, else by judging how it reads in each usual encoding
 * (`judge-encoding.ts`). The whole file decodes in the encoding that is found.
 *
 * A file is refused when no reading is clearly the right one, because its prompts would be paid
 * for: the problem shows a row as the two best readings have it. A file that is UTF-8 but for some
 * bytes is refused, too, with the row of the first of them. Used by `open-csv.ts`, and by
 * `open-jsonl.ts` for files that are not UTF-8.
 */
import { createBreaks, type Breaks } from '../../event-loop.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import { findForeignFile } from '../problems/unsupported-file.ts';
import { headBytes } from '../limits.ts';
import { createSampleCollector, type Sample, type Samples } from './collect-samples.ts';
import { decodeDos, isDosEncoding, type DosEncoding } from './dos-encodings.ts';
import { createDecoder, encodingOfMark, escape, isUtf32, type Encoding } from './encodings.ts';
import { findInvalidByte } from './find-invalid-byte.ts';
import { judgeEncoding, readsBetterAsUtf8, type Reading } from './judge-encoding.ts';
import { slice, type OpenBytes } from './open-bytes.ts';
import type { SevenBitFinding } from './seven-bit.ts';
import { chooseUnicode, tryEncodings, unicodeCandidates, type Head } from './try-encodings.ts';

export type { Head } from './try-encodings.ts';

export type EncodingFinding = FoundEncoding | { status: 'refused'; problem: RowProblem };

export interface FoundEncoding {
  status: 'found';
  encoding: Encoding;
  bom: boolean;
  head: Head;
  /** Nothing says which encoding it is; it was judged by how the file reads. */
  isJudged: boolean;
}

export interface DetectionOptions {
  given?: Encoding | undefined;
  breaks?: Breaks | undefined;
  /** Finds the row that has this byte: 0 for the header row. */
  locateRow: RowLocator;
}

export type RowLocator = (open: OpenBytes, offset: number) => Promise<number>;

/** Reads the file once to its end, and again only when it is not UTF-8. */
export async function detectEncoding(
  open: OpenBytes,
  { given, breaks = createBreaks(), locateRow }: DetectionOptions,
): Promise<EncodingFinding> {
  const { remaining, head, hasEscape, sevenBit } = await tryEncodings(open, (bytes) =>
    unicodeCandidates(bytes, given),
  );
  const foreign = findForeignFile(head.bytes);
  if (foreign !== undefined) return { status: 'refused', problem: foreign };
  if (isUtf32(head.bytes)) return refuse('The file is UTF-32; save it as UTF-8');
  const mark = encodingOfMark(head.bytes);
  const choice = chooseUnicode(remaining, head.bytes);
  const place = (offset: number) => locate(open, offset, locateRow);
  if (choice === undefined) {
    const named = mark ?? given;
    return named === undefined
      ? judge(open, head, breaks, place)
      : refuseNamed(open, named, mark !== undefined, breaks, place);
  }
  if (choice === 'utf-8' && hasEscape) {
    const escaped = await detectIso2022(open, head, given);
    if (escaped !== undefined) return escaped;
  }
  if (choice === 'utf-8' && given === undefined && sevenBit !== undefined)
    return refuse(describeSevenBit(sevenBit), (await place(sevenBit.offset)).row);
  if (mark === undefined && given !== undefined && !isUnicode(given)) {
    const contradiction = await findContradiction(open, given, breaks, place);
    if (contradiction !== undefined) return contradiction;
  }
  return toFinding(head, choice, false);
}

/** Reads the head of a file whose encoding was detected before. */
export async function readHead(open: OpenBytes, encoding: Encoding): Promise<FoundEncoding> {
  return toFinding(await readFirstBytes(open), encoding, false);
}

/**
 * Returns the encoding if it is a Unicode one and no other is worth trying, judged by the beginning
 * of the file; reading the rows can confirm it. Undefined if the beginning is not valid in the
 * encoding, or if it is the beginning of a workbook or picture: then `detectEncoding` has to
 * decide.
 */
export async function guessEncoding(
  open: OpenBytes,
  given?: Encoding,
): Promise<FoundEncoding | undefined> {
  const head = await readFirstBytes(open);
  const [encoding, ...others] = unicodeCandidates(head.bytes, given);
  if (encoding === undefined || others.length > 0 || !isUnicode(encoding)) return undefined;
  if (findForeignFile(head.bytes) !== undefined || isUtf32(head.bytes)) return undefined;
  if (encoding === 'utf-8' && head.bytes.includes(escape)) return undefined;
  try {
    createDecoder(encoding).decode(head.bytes, { stream: !head.isWhole });
  } catch {
    return undefined; // `detectEncoding` says what it is instead, or why it cannot be read
  }
  return toFinding(head, encoding, false);
}

export async function readFirstBytes(open: OpenBytes): Promise<Head> {
  const buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  for await (const chunk of open()) {
    buffered.push(chunk);
    bufferedBytes += chunk.length;
    if (bufferedBytes > headBytes) break;
  }
  const bytes = Buffer.concat(buffered);
  return { bytes: bytes.subarray(0, headBytes), isWhole: bytes.length <= headBytes };
}

function toFinding(head: Head, encoding: Encoding, isJudged: boolean): FoundEncoding {
  const bom = encodingOfMark(head.bytes) !== undefined;
  return { status: 'found', encoding, bom, head, isJudged };
}

function isUnicode(encoding: Encoding): boolean {
  return encoding.startsWith('utf-');
}

type Locate = (offset: number) => Promise<BytePlace>;

async function judge(
  open: OpenBytes,
  head: Head,
  breaks: Breaks,
  place: Locate,
): Promise<EncodingFinding> {
  const samples = await collect(open, breaks);
  const { winner, readings } = await judgeEncoding(samples, breaks);
  const [best, second] = readings;
  if (best === undefined || (await readsBetterAsUtf8(samples, best, breaks)))
    return refuseBytes(open, 'utf-8', breaks, place);
  if (winner === undefined) return refuseUnclear(samples.pieces, best, second, place);
  const { encoding } = winner;
  if (isDosEncoding(encoding)) return refuseDos(samples.pieces, encoding, place);
  const invalid = await findInvalidByte(open, encoding, breaks);
  if (invalid === undefined) return toFinding(head, encoding, true);
  const { row, where, byte } = await place(invalid);
  return refuse(
    `The file reads as ${encoding}, but ${byte} in ${where} is not valid in it; ${howToSay}`,
    row,
  );
}

async function collect(open: OpenBytes, breaks: Breaks): Promise<Samples> {
  const collector = createSampleCollector();
  for await (const piece of slice(open())) {
    if (breaks.isDue()) await breaks.take();
    collector.add(piece);
  }
  return collector.end();
}

const howToSay = 'save the file as "CSV UTF-8", or name its encoding in `encoding`';

async function refuseBytes(
  open: OpenBytes,
  encoding: Encoding,
  breaks: Breaks,
  place: Locate,
): Promise<EncodingFinding> {
  const invalid = await findInvalidByte(open, encoding, breaks);
  if (invalid === undefined)
    return refuse(`The file is not text in an encoding that Kiln recognises; ${howToSay}`);
  const { row, where, byte, around } = await place(invalid);
  return refuse(
    `${capital(byte)} in ${where} is not valid ${encoding}: ` +
      `${quote(read(around, encoding))}; ${howToSay}`,
    row,
  );
}

async function refuseNamed(
  open: OpenBytes,
  named: Encoding,
  isMark: boolean,
  breaks: Breaks,
  place: Locate,
): Promise<EncodingFinding> {
  const reason = isMark
    ? `The file starts with the byte order mark of ${named}, but is not valid ${named}`
    : `The file is not valid ${named}, which \`encoding\` says it is`;
  const invalid = named.startsWith('utf-16')
    ? undefined
    : await findInvalidByte(open, named, breaks);
  if (invalid === undefined) return refuse(reason);
  const { row, where, byte, around } = await place(invalid);
  return refuse(`${reason}: ${byte} in ${where}, ${quote(read(around, named))}`, row);
}

async function refuseDos(
  samples: readonly Sample[],
  encoding: DosEncoding,
  place: Locate,
): Promise<EncodingFinding> {
  const { row, where, around } = await place(samples[0]?.offset ?? 0);
  return refuse(
    `The file reads as code page ${encoding.slice(2)} of DOS, which Kiln does not read; ${where} ` +
      `is ${quote(read(around, encoding))}. Save the file as "CSV UTF-8"`,
    row,
  );
}

async function refuseUnclear(
  samples: readonly Sample[],
  best: Reading,
  second: Reading | undefined,
  place: Locate,
): Promise<EncodingFinding> {
  const differing = best.texts.findIndex((text, index) => text !== second?.texts[index]);
  const { row, where, around } = await place(samples[Math.max(0, differing)]?.offset ?? 0);
  const readings = [best, ...(second === undefined ? [] : [second])].map(
    ({ encoding }) => `${quote(read(around, encoding))} in ${encoding}`,
  );
  return refuse(
    `Nothing says which encoding the file has, and no reading is clearly right: ${where} reads ` +
      `${readings.join(', and ')}. Name the encoding in \`encoding\` (or as charset of the ` +
      'content type), or save the file as "CSV UTF-8"',
    row,
  );
}

/** A file may be UTF-8 whatever it is declared to be: every byte is valid in windows-1252. */
async function findContradiction(
  open: OpenBytes,
  given: Encoding,
  breaks: Breaks,
  place: Locate,
): Promise<EncodingFinding | undefined> {
  const samples = await collect(open, breaks);
  const decoder = createDecoder(given);
  const texts = samples.pieces.map(({ bytes, isCut }) => decoder.decode(bytes, { stream: isCut }));
  const declared = { encoding: given, texts };
  const [first] = samples.pieces;
  if (first === undefined || (await findInvalidByte(open, 'utf-8', breaks)) !== undefined)
    return undefined;
  if (!(await readsBetterAsUtf8(samples, declared, breaks))) return undefined;
  const { row, where, around } = await place(first.offset);
  return refuse(
    `\`encoding\` (or the charset of the content type) says ${given}, but the file is UTF-8: ` +
      `${where} would read ${quote(read(around, given))} instead of ` +
      `${quote(read(around, 'utf-8'))}. Leave it out, or set it to utf-8`,
    row,
  );
}

/** Designates a character set of two bytes, as in ISO-2022-JP, -KR and -CN. No text has it. */
// oxlint-disable-next-line no-control-regex
const designation = /\u001b\$[)*+(]?[@-Z]/;

/** Undefined if the escapes belong to no encoding, so that the file is UTF-8. */
async function detectIso2022(
  open: OpenBytes,
  head: Head,
  given: Encoding | undefined,
): Promise<EncodingFinding | undefined> {
  const decoder = createDecoder('iso-2022-jp');
  let isDesignated = false;
  let hasWide = false;
  let isValid = true;
  let before = '';
  for await (const chunk of open()) {
    const latin = before + Buffer.from(chunk).toString('latin1');
    isDesignated ||= designation.test(latin);
    before = latin.slice(-4);
    try {
      hasWide ||= isValid && /[\u0080-\uffff]/.test(decoder.decode(chunk, { stream: true }));
    } catch {
      isValid = false; // the text has escapes of another encoding
    }
  }
  if (!isDesignated) return undefined;
  if (isValid && hasWide && given === undefined) return toFinding(head, 'iso-2022-jp', true);
  return refuse(
    given === undefined
      ? 'The file has the escape sequences of an ISO-2022 encoding that Kiln does not read; ' +
          howToSay
      : `\`encoding\` says ${given}, but the file has the escape sequences of ISO-2022; set ` +
          'it to iso-2022-jp, or leave it out',
  );
}

export function describeSevenBit({ encoding, text, decoded }: SevenBitFinding): string {
  return (
    `The file reads as ${encoding}, which Kiln does not read: ${quote(text)} would mean ` +
    `${quote(decoded)}. Save the file as UTF-8, or set \`encoding\` to utf-8 if its characters ` +
    'mean what they are'
  );
}

interface BytePlace {
  /** Null in the header row. */
  row: number | null;
  where: string;
  /** The byte in words. */
  byte: string;
  /** The bytes of its line around it. */
  around: Uint8Array;
}

async function locate(open: OpenBytes, offset: number, locateRow: RowLocator): Promise<BytePlace> {
  const row = await locateRow(open, offset);
  const around = await readAround(open, offset);
  const hex = (around.byte ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return {
    row: row === 0 ? null : row,
    where: row === 0 ? 'the header row' : `row ${row.toLocaleString('en')}`,
    byte: `byte 0x${hex} (number ${(offset + 1).toLocaleString('en')} of the file)`,
    around: around.bytes,
  };
}

const shownBefore = 40;
const shownAfter = 80;

/** The bytes of the line around a byte, cut where no character is cut. */
async function readAround(
  open: OpenBytes,
  offset: number,
): Promise<{ bytes: Uint8Array; byte: number | undefined }> {
  let held: Buffer = Buffer.alloc(0);
  let heldFrom = 0;
  for await (const chunk of open()) {
    held = Buffer.concat([held, chunk]);
    if (heldFrom + held.length >= offset + shownAfter) break;
    const dropped = Math.max(0, Math.min(held.length, offset - shownBefore - heldFrom));
    held = held.subarray(dropped);
    heldFrom += dropped;
  }
  const at = offset - heldFrom;
  const before = held.subarray(Math.max(0, at - shownBefore), at);
  const after = held.subarray(at, at + shownAfter);
  const isWhole = at <= shownBefore;
  const start = Math.max(before.lastIndexOf(0x0a), before.lastIndexOf(0x0d)) + 1;
  const space = isWhole || start > 0 ? start : before.indexOf(0x20) + 1;
  const end = after.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return {
    bytes: Buffer.concat([before.subarray(space), end === -1 ? after : after.subarray(0, end)]),
    byte: held[at],
  };
}

/** Decodes for a message: bytes that are invalid in the encoding show as U+FFFD. */
function read(bytes: Uint8Array, encoding: Encoding | DosEncoding): string {
  if (isDosEncoding(encoding)) return decodeDos(bytes, encoding);
  return new TextDecoder(encoding).decode(bytes);
}

function refuse(message: string, row: number | null = null): EncodingFinding {
  return { status: 'refused', problem: buildProblem('invalid_encoding', message, { row }) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
