/**
 * Opens a file as a table. Its extension tells CSV from JSONL; without a known extension, its first
 * character does. A file that is neither is one problem. Used to validate a batch and to create its
 * jobs.
 */
import { withBreaks } from '../event-loop.ts';
import { openCsv, type CsvOptions } from './csv/open-csv.ts';
import { openJsonl, type JsonlOptions } from './jsonl/open-jsonl.ts';
import { findForeignFile, findForeignText } from './problems/unsupported-file.ts';
import type { CsvSummary, JsonlSummary, OpenedTable } from './table.ts';
import { encodingOfMark } from './text/encodings.ts';
import { readFirstBytes } from './text/detect-encoding.ts';
import type { OpenBytes } from './text/open-bytes.ts';

export type Table = OpenedTable<CsvSummary | JsonlSummary>;

type TableFormat = 'csv' | 'jsonl';

const formats: Readonly<Record<string, TableFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

export async function openTable(
  source: OpenBytes,
  filename: string,
  options: CsvOptions & JsonlOptions,
): Promise<Table> {
  const { breaks } = options;
  const open = breaks === undefined ? source : () => withBreaks(source(), breaks);
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  const named = Object.hasOwn(formats, extension) ? formats[extension] : undefined;
  // A file that was accepted before is known to be a table.
  if (named !== undefined && options.known !== undefined) return openAs(named, open, options);
  const head = await readFirstBytes(open);
  const foreign = findForeignFile(head.bytes);
  if (foreign !== undefined) return refuse(foreign);
  const text = decodeLoosely(head.bytes);
  const format = named ?? (/^\s*[[{]/.test(text) && !/^\s*\{\\rtf/.test(text) ? 'jsonl' : 'csv');
  const problem = findForeignText(text, format, head.isWhole);
  return problem === undefined ? openAs(format, open, options) : refuse(problem);
}

function openAs(
  format: TableFormat,
  open: OpenBytes,
  options: CsvOptions & JsonlOptions,
): Promise<Table> {
  return format === 'jsonl' ? openJsonl(open, options) : openCsv(open, options);
}

function refuse(problem: ReturnType<typeof findForeignText> & object): Table {
  return { status: 'refused', summary: null, problems: [problem] };
}

/** Enough to recognise the first characters; the table decodes strictly. */
function decodeLoosely(bytes: Uint8Array): string {
  const text = new TextDecoder(encodingOfMark(bytes) ?? 'utf-8').decode(bytes);
  // UTF-16 without a byte order mark: the ASCII characters of JSON are what is looked for.
  return text.replaceAll('\0', '');
}
