/**
 * Detects the encoding of a file: by its byte order mark, else UTF-8 if every byte of the file
 * allows it, else CP932, else EUC-JP. The order matters: half of all two-byte UTF-8 is also valid
 * CP932. The whole file decodes in the encoding that is found. Used by `open-csv.ts`; JSONL is
 * always UTF-8.
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
  /** The file has no other bytes. */
  isWhole: boolean;
}

const legacy: readonly Encoding[] = ['shift_jis', 'euc-jp'];

/**
 * Reads the file once to its end, and a second time only when a later part shows that it is not
 * UTF-8.
 */
export async function detectEncoding(open: OpenBytes, given?: Encoding): Promise<EncodingFinding> {
  const { remaining, head } = await tryEncodings(open, (bytes) => candidatesOf(bytes, given));
  const unsupported = describeSignature(head.bytes);
  if (unsupported !== undefined) {
    return { status: 'refused', problem: buildProblem('unsupported_file', unsupported) };
  }
  const mark = encodingOfMark(head.bytes);
  const choice = chooseUnicode(remaining, head.bytes);
  if (choice !== undefined)
    return { status: 'found', encoding: choice, bom: mark !== undefined, head };
  if (given !== undefined || mark !== undefined) {
    return { status: 'refused', problem: describeFailure(given, mark) };
  }
  const second = await tryEncodings(open, () => legacy);
  const encoding = chooseLegacy(second.remaining);
  if (encoding !== undefined) return { status: 'found', encoding, bom: false, head };
  return { status: 'refused', problem: describeFailure() };
}

/** Reads the head of a file whose encoding was detected before. */
export async function readHead(
  open: OpenBytes,
  encoding: Encoding,
): Promise<Extract<EncodingFinding, { status: 'found' }>> {
  return toFinding(await readFirstBytes(open), encoding);
}

/**
 * Returns the encoding if only one is worth trying, judged by the beginning of the file; reading
 * the rows can confirm it. Undefined if there are several, if the beginning is not valid in the
 * encoding, or if it is the beginning of a workbook or picture: then `detectEncoding` has to
 * decide.
 */
export async function guessEncoding(
  open: OpenBytes,
  given?: Encoding,
): Promise<Extract<EncodingFinding, { status: 'found' }> | undefined> {
  const head = await readFirstBytes(open);
  const [encoding, ...others] = candidatesOf(head.bytes, given);
  if (encoding === undefined || others.length > 0) return undefined;
  if (describeSignature(head.bytes) !== undefined) return undefined;
  try {
    createDecoder(encoding).decode(head.bytes, { stream: !head.isWhole });
  } catch {
    return undefined; // `detectEncoding` says what it is instead, or why it cannot be read
  }
  return toFinding(head, encoding);
}

function toFinding(head: Head, encoding: Encoding): Extract<EncodingFinding, { status: 'found' }> {
  return { status: 'found', encoding, bom: encodingOfMark(head.bytes) !== undefined, head };
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

function candidatesOf(head: Uint8Array, given: Encoding | undefined): readonly Encoding[] {
  const mark = encodingOfMark(head);
  // A caller that says UTF-16 rarely means a particular byte order, so the byte order mark decides.
  const certain =
    given?.startsWith('utf-16') && mark?.startsWith('utf-16') ? mark : (given ?? mark);
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
/** ASCII text in UTF-16 is also valid UTF-8; half of its bytes are zero. */
const asciiZeroShare = 0.25;

function chooseUnicode(remaining: readonly Attempt[], head: Uint8Array): Encoding | undefined {
  const [first, second] = remaining.map(({ encoding }) => encoding);
  return second === undefined || countZeros(head).share > asciiZeroShare ? first : second;
}

interface Attempt {
  encoding: Encoding;
  decoder: TextDecoder;
  counts: ScriptCounts;
}

/**
 * Decodes the whole file in each of the encodings, and returns the attempts that did not fail.
 * Stops when all have failed.
 */
async function tryEncodings(
  open: OpenBytes,
  choose: (head: Uint8Array) => readonly Encoding[],
): Promise<{ remaining: Attempt[]; head: Head }> {
  let attempts: Attempt[] | undefined;
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  const head: Head = { bytes: new Uint8Array(), isWhole: true };
  const feed = (chunk: Uint8Array, last: boolean): void => {
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
      counts: { narrowKana: 0, wideKana: 0, all: 0 },
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
    if (attempts?.length === 0) return { remaining: [], head };
  }
  if (attempts === undefined) begin();
  feed(new Uint8Array(), true);
  return { remaining: attempts ?? [], head };
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
  /** Half-width katakana. Almost no file consists of it. */
  narrowKana: number;
  /** Hiragana and katakana. Every Japanese text has some. */
  wideKana: number;
  /** All characters outside ASCII. */
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
 * Chooses CP932 whenever it is possible, with one exception: the kana of EUC-JP are often valid
 * CP932 too, and read there as half-width katakana that a person would not type.
 */
function chooseLegacy(remaining: readonly Attempt[]): Encoding | undefined {
  const [shiftJis, eucJp] = legacy.map((encoding) =>
    remaining.find((attempt) => attempt.encoding === encoding),
  );
  if (shiftJis === undefined || eucJp === undefined) return (shiftJis ?? eucJp)?.encoding;
  const looksNarrow = shiftJis.counts.narrowKana * 3 > shiftJis.counts.all;
  const looksJapanese = eucJp.counts.wideKana * 5 > eucJp.counts.all;
  return looksNarrow && looksJapanese ? 'euc-jp' : 'shift_jis';
}

const messagesByKind: Readonly<Partial<Record<FileKind, string>>> = {
  zip:
    'The file is an Excel workbook (.xlsx) or another archive; save it as "CSV UTF-8" and ' +
    'upload that',
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

function describeFailure(given?: Encoding, mark?: Encoding): RowProblem {
  if (given !== undefined) {
    return buildProblem(
      'invalid_encoding',
      `The file is not valid ${given}, which \`encoding\` says it is`,
    );
  }
  const message =
    mark === undefined
      ? 'The file is not text in UTF-8, UTF-16, Shift_JIS (CP932) or EUC-JP; save it as "CSV ' +
        'UTF-8", or set `encoding`'
      : `The file starts with the byte order mark of ${mark}, but is not valid ${mark}`;
  return buildProblem('invalid_encoding', message);
}
