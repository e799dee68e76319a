/** Finds the delimiter of a CSV file by its header row: the one that makes most sense of it. */
import { findColumn, normaliseName } from './column-names.ts';
import { createDecoder, type Encoding } from './encodings.ts';
import type { Head } from './detect-encoding.ts';
import { unguardCell } from './formula-guard.ts';
import { createRecordParser } from './read-records.ts';

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
  const headers: Header[] = [];
  for (const delimiter of options.delimiter === undefined ? delimiters : [options.delimiter]) {
    const names = await readFirstRecord(text, delimiter, options);
    if (names !== undefined) headers.push({ delimiter, names: names.map(unguardCell) });
  }
  const known = new Set(options.mapped.map(normaliseName));
  const [best] = headers
    .map((header) => ({ header, score: scoreNames(header.names, known) }))
    // A stable sort: where two are as good as each other, comma before semicolon before tab.
    .sort((a, b) => b.score - a.score);
  if (best !== undefined) return { status: 'found', header: best.header };
  if (!options.head.isWhole) return { status: 'too_long' };
  return { status: text.trim() === '' ? 'none' : 'unterminated' };
}

/** A known column outweighs any number of unknown ones. */
function scoreNames(names: readonly string[], known: ReadonlySet<string>): number {
  const knownNames = names.filter((name) => findColumn(name) !== undefined || known.has(normaliseName(name)));
  return knownNames.length * 100_000 + names.length;
}

function decodeHead({ bytes, isWhole }: Head, encoding: Encoding): string {
  return createDecoder(encoding).decode(bytes, { stream: !isWhole });
}

async function readFirstRecord(
  text: string,
  delimiter: Delimiter,
  { head, recordBytes }: HeaderOptions,
): Promise<string[] | undefined> {
  const parser = createRecordParser({ delimiter, recordBytes });
  const written = await parser.write(Buffer.from(text));
  const [first] = written.records;
  if (first !== undefined) return first.cells;
  // The end of the head is the end of a record only where it is the end of the file.
  const ended = head.isWhole && !written.fault ? await parser.end() : undefined;
  return ended?.records[0]?.cells;
}
