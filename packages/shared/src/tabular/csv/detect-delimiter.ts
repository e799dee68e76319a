/**
 * Finds the header row of a CSV file and its delimiter: the one that a `sep=` line names, else the
 * one with which the header row has the most known columns. Empty rows before it are skipped.
 */
import { normaliseName, type CsvColumns } from './column-names.ts';
import { createDecoder, type Encoding } from '../text/encodings.ts';
import type { Head } from '../text/detect-encoding.ts';
import { unguardCell } from './formula-guard.ts';
import type { CsvRecord } from './parse-records.ts';
import { isBlank } from './read-cells.ts';
import { createRecordParser, type RecordBatch } from './read-records.ts';
import { createSpaceRemover } from './spaces-before-quotes.ts';

export const delimiters = [',', ';', '\t'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface Header {
  delimiter: Delimiter;
  /** The names as the file writes them. */
  names: string[];
  /** The records before the header row: a `sep=` or `#TYPE` line, and empty ones. */
  recordsBefore: number;
  /** The first line is `#TYPE …`, as Windows PowerShell writes it. */
  hasTypeLine: boolean;
  /** The delimiter that a `sep=` line names, whether or not it is used. */
  separatorLine: string | null;
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
  const named = separatorOf(text);
  for (const delimiter of delimitersToTry(options.delimiter, named)) {
    const { records, fault } = await readHeadRecords(text, delimiter, options);
    const isBefore = ({ cells }: CsvRecord, index: number): boolean =>
      cells.every(isBlank) || (index === 0 && isAnnouncement(cells.join(delimiter)));
    const at = records.findIndex((record, index) => !isBefore(record, index));
    const record = records[at];
    if (record === undefined) {
      isUnterminated ||= fault?.kind === 'unterminated_quote';
      continue;
    }
    const names = record.cells.map(unguardCell);
    headers.push({
      header: {
        delimiter,
        names,
        recordsBefore: at,
        hasTypeLine: typeLine.test(text),
        separatorLine: named,
      },
      score: scoreNames(names, isKnown),
    });
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

const typeLine = /^\s*"?#TYPE \S/;

/** Whether the first line says how the file is written, and is no part of the table. */
export function isAnnouncement(firstLine: string): boolean {
  return separatorOf(firstLine) !== null || typeLine.test(firstLine);
}

/** The delimiter that the first line names, as Excel reads it; null if the line is another one. */
function separatorOf(text: string): string | null {
  const [, separator = null] = /^\s*"?sep=(.)"?[,;\t ]*(?:\r|\n|$)/i.exec(text) ?? [];
  return separator;
}

/** What the caller says goes before what the file says. */
function delimitersToTry(given: Delimiter | undefined, named: string | null): readonly Delimiter[] {
  const only = given ?? delimiters.find((delimiter) => delimiter === named);
  return only === undefined ? delimiters : [only];
}

function decodeHead({ bytes, isWhole }: Head, encoding: Encoding): string {
  return createDecoder(encoding).decode(bytes, { stream: !isWhole });
}

async function readHeadRecords(
  text: string,
  delimiter: Delimiter,
  { head, recordBytes }: HeaderOptions,
): Promise<RecordBatch> {
  const parser = createRecordParser({ delimiter, recordBytes });
  const spaces = createSpaceRemover(delimiter, () => undefined);
  const bytes = Buffer.concat([spaces.push(Buffer.from(text)), spaces.end()]);
  const written = await parser.write(bytes);
  // The head ends with a complete record only when it is the whole file.
  if (written.fault || !head.isWhole) return written;
  const ended = await parser.end();
  return { ...ended, records: [...written.records, ...ended.records] };
}
