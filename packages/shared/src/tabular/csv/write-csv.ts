/**
 * Writes CSV that every spreadsheet opens, that runs no formula, and that reading gives back cell
 * by cell as it was.
 */
import { failureColumns } from './failure-columns.ts';
import { guardCell } from './formula-guard.ts';
import type { Delimiter } from './detect-delimiter.ts';

export interface CsvLineOptions {
  delimiter?: Delimiter;
}

/** Before the first line: Excel takes a file without it for one in the encoding of its country. */
export const byteOrderMark = '\ufeff';

/** One record with its line end, guarded against formulas. */
export function csvLine(
  cells: readonly string[],
  { delimiter = ',' }: CsvLineOptions = {},
): string {
  const line = cells.map((cell) => quoteCell(guardCell(cell), delimiter)).join(delimiter);
  // A line with nothing in it would be no record.
  return `${line === '' ? '""' : line}\r\n`;
}

/**
 * A space at either end is kept by us, but not by everybody unless it is quoted; nor is a byte
 * order mark that is none.
 */
function quoteCell(cell: string, delimiter: string): string {
  const isPlain = !/["\r\n]|^[\s\ufeff]|\s$/u.test(cell) && !cell.includes(delimiter);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

/** The header row of failed.csv: the caller's own columns, and ours behind them. */
export function failedHeader(columns: readonly string[], options?: CsvLineOptions): string {
  return csvLine([...withoutFailure(columns), ...failureColumns], options);
}

/** A row of failed.csv. The columns of an earlier failed.csv are replaced. */
export function failedLine(
  columns: readonly string[],
  cells: readonly string[],
  failure: { code: string; message: string },
  options: CsvLineOptions = {},
): string {
  const { delimiter = ',' } = options;
  const width = withoutFailure(columns).length;
  const own = cells.length > columns.length ? cells : cells.slice(0, width);
  return csvLine([...fitCells(own, width, delimiter), failure.code, failure.message], options);
}

function withoutFailure(columns: readonly string[]): readonly string[] {
  const first = columns.length - failureColumns.length;
  const isEarlier = failureColumns.every((name, offset) => columns[first + offset] === name);
  return isEarlier ? columns.slice(0, first) : columns;
}
/**
 * As many cells as there are columns, so that the failure stands below its name; what is too much
 * is kept in the last of them.
 */
function fitCells(cells: readonly string[], width: number, delimiter: string): readonly string[] {
  if (cells.length < width) return [...cells, ...Array<string>(width - cells.length).fill('')];
  if (cells.length === width) return cells;
  return [...cells.slice(0, width - 1), cells.slice(width - 1).join(delimiter)];
}
