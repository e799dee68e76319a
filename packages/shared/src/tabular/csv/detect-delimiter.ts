/** Finds the delimiter of a CSV file by its header row: the one that makes most sense of it. */
import { findColumn, normaliseName } from './column-names.ts';
import { createDecoder, type Encoding } from '../text/encodings.ts';
import type { Head } from '../text/detect-encoding.ts';
import { unguardCell } from './formula-guard.ts';
import { createRecordParser, type RecordBatch } from './read-records.ts';

export const delimiters = [',', ';', '\t'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface Header {
  delimiter: Delimiter;
  /** As the file has them. */
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
  /** The names a caller has mapped, which count as known. */
  mapped: readonly string[];
}

export async function detectDelimiter(options: HeaderOptions): Promise<HeaderFinding> {
  const text = decodeHead(options.head, options.encoding);
  const known = new Set(options.mapped.map(normaliseName));
  const headers: { header: Header; score: number }[] = [];
  let isUnterminated = false;
  for (const delimiter of options.delimiter === undefined ? delimiters : [options.delimiter]) {
    const first = await readFirstRecord(text, delimiter, options);
    isUnterminated ||= first.fault?.kind === 'unterminated_quote';
    const [record] = first.records;
    if (record === undefined) continue;
    const names = record.cells.map(unguardCell);
    headers.push({ header: { delimiter, names }, score: scoreNames(names, known) });
  }
  // A stable sort: where two are as good as each other, comma before semicolon before tab.
  const [best] = headers.sort((a, b) => b.score - a.score);
  if (best !== undefined && (best.score > knownName || !isUnterminated)) {
    return { status: 'found', header: best.header };
  }
  if (isUnterminated) return { status: 'unterminated' };
  return options.head.isWhole ? { status: 'none' } : { status: 'too_long' };
}

const knownName = 100_000;

/** A known column outweighs any number of unknown ones. */
function scoreNames(names: readonly string[], known: ReadonlySet<string>): number {
  const knownNames = names.filter(
    (name) => findColumn(name) !== undefined || known.has(normaliseName(name)),
  );
  return knownNames.length * knownName + names.length;
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
  // The end of the head is the end of a record only where it is the end of the file.
  if (written.records.length > 0 || written.fault || !head.isWhole) return written;
  return await parser.end();
}
