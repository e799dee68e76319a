/**
 * Opens tables from texts and bytes, in any encoding and split into any pieces, and collects
 * everything that reading them gives.
 */
import { openCsv, type CsvOptions } from '@kiln/shared/tabular/csv/open-csv';
import type { OpenBytes } from '@kiln/shared/tabular/text/open-bytes';
import { openJsonl, type JsonlOptions } from '@kiln/shared/tabular/jsonl/open-jsonl';
import type { RowProblem } from '@kiln/shared/tabular/problems/row-problem';
import type { CsvSummary, JsonlSummary, OpenedTable, Row } from '@kiln/shared/tabular/table';

/** Bytes in pieces of one size, or split at the given positions. */
export function bytesOf(
  content: string | Uint8Array,
  cuts: number | readonly number[] = 65_536,
): OpenBytes {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return async function* open() {
    if (typeof cuts === 'number') {
      for (let start = 0; start < bytes.length; start += cuts)
        yield bytes.subarray(start, start + cuts);
      return;
    }
    const places = [
      0,
      ...cuts.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
      bytes.length,
    ];
    for (let index = 1; index < places.length; index += 1)
      yield bytes.subarray(places[index - 1], places[index]);
  };
}

export interface Read<Summary> {
  status: OpenedTable<Summary>['status'];
  summary: Summary | null;
  /** The problems of the file and of every row, in order. */
  problems: RowProblem[];
  rows: Exclude<Row, { status: 'unreadable' }>[];
}

export async function readCsv(
  content: string | Uint8Array,
  options: CsvOptions = {},
  from = 0,
): Promise<Read<CsvSummary>> {
  return await readAll(await openCsv(bytesOf(content), options), from);
}

export async function readJsonl(
  content: string | Uint8Array,
  options: Partial<JsonlOptions> = {},
  from = 0,
): Promise<Read<JsonlSummary>> {
  return await readAll(
    await openJsonl(bytesOf(content), { endpoint: '/v1/images/generations', ...options }),
    from,
  );
}

export async function readAll<Summary>(
  table: OpenedTable<Summary>,
  from = 0,
): Promise<Read<Summary>> {
  if (table.status === 'refused') return { ...table, rows: [] };
  const all = await Array.fromAsync(table.rows(from));
  return {
    status: 'opened',
    summary: table.summary,
    problems: [...table.problems, ...all.flatMap((row) => row.problems)],
    rows: all.filter((row) => row.status !== 'unreadable'),
  };
}

/** A CSV file with this header row and these rows. */
export function csv(header: string, ...rows: string[]): string {
  return [header, ...rows].map((line) => `${line}\n`).join('');
}

/** Problems in short form: `2 size invalid_value`. */
export function brief(problems: readonly RowProblem[]): string[] {
  return problems.map(({ row, column, code }) => `${row ?? '-'} ${column ?? '-'} ${code}`);
}
