/**
 * Detects the delimiter of a CSV file: the one with which the header row has the most known
 * columns.
 */
import { normaliseName, type CsvColumns } from './column-names.ts';
import { createDecoder, type Encoding } from '../text/encodings.ts';
import type { Head } from '../text/detect-encoding.ts';
import { unguardCell } from './formula-guard.ts';
import { createRecordParser, type RecordBatch } from './read-records.ts';

export const delimiters = [',', ';', '\t'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface Header {
  delimiter: Delimiter;
  /** The names as the file writes them. */
  names: string[];
}

export type HeaderFinding =
  | { status: 'found'; header: Header }
  | { status: 'none' }
  | { status: 'unterminated' }
  | { status: 'too_long' };

interface HeaderOptions {
  head: Head;
  encoding: Encoding;
  delimiter?: Delimiter | undefined;
  recordBytes: number;
  columns: CsvColumns;
  /** The names in the caller's column_map, which count as known. */
  mapped: readonly string[];
}

export async function detectDelimiter(options: HeaderOptions): Promise<HeaderFinding> {
  const text = decodeHead(options.head, options.encoding);
  const mapped = new Set(options.mapped.map(normaliseName));
  const isKnown = (name: string) =>
    options.columns.find(name) !== undefined || mapped.has(normaliseName(name));
  const headers: { header: Header; score: number }[] = [];
  let isUnterminated = false;
  for (const delimiter of options.delimiter === undefined ? delimiters : [options.delimiter]) {
    const first = await readFirstRecord(text, delimiter, options);
    isUnterminated ||= first.fault?.kind === 'unterminated_quote';
    const [record] = first.records;
    if (record === undefined) continue;
    const names = record.cells.map(unguardCell);
    headers.push({ header: { delimiter, names }, score: scoreNames(names, isKnown) });
  }
  // The sort is stable: of delimiters with the same score, comma goes before semicolon before tab.
  const [best] = headers.sort((a, b) => b.score - a.score);
  if (best !== undefined && (best.score > knownColumnScore || !isUnterminated)) {
    return { status: 'found', header: best.header };
  }
  if (isUnterminated) return { status: 'unterminated' };
  return options.head.isWhole ? { status: 'none' } : { status: 'too_long' };
}

/** One known column outweighs any number of unknown ones. */
const knownColumnScore = 100_000;

function scoreNames(names: readonly string[], isKnown: (name: string) => boolean): number {
  return names.filter(isKnown).length * knownColumnScore + names.length;
}

function decodeHead({ bytes, isWhole }: Head, encoding: Encoding): string {
  return createDecoder(encoding).decode(bytes, { stream: !isWhole });
}

async function readFirstRecord(
  text: string,
  delimiter: Delimiter,
  { head, recordBytes }: HeaderOptions,
): Promise<RecordBatch> {
  const parser = createRecordParser({ delimiter, recordBytes });
  const written = await parser.write(Buffer.from(text));
  // The head ends with a complete record only when it is the whole file.
  if (written.records.length > 0 || written.fault || !head.isWhole) return written;
  return await parser.end();
}
