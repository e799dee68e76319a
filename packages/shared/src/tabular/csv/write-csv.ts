/**
 * Writes CSV that every spreadsheet opens without running a formula, and that Kiln reads back
 * unchanged.
 */
import { failureColumns } from './failure-columns.ts';
import { guardCell } from './formula-guard.ts';
import type { Delimiter } from './detect-delimiter.ts';

export interface CsvLineOptions {
  delimiter?: Delimiter;
}

/** Precedes the first line. Without it, Excel assumes the encoding of its country. */
export const byteOrderMark = '\ufeff';

/** Formats one record, with its line end, guarded against formulas. */
export function csvLine(
  cells: readonly string[],
  { delimiter = ',' }: CsvLineOptions = {},
): string {
  const line = cells.map((cell) => quoteCell(guardCell(cell), delimiter)).join(delimiter);
  // An empty line would not be a record.
  return `${line === '' ? '""' : line}\r\n`;
}

/**
 * Quotes a cell that needs it, and one with spaces at its ends or a byte order mark, which some
 * programs drop otherwise.
 */
function quoteCell(cell: string, delimiter: string): string {
  const isPlain = !/["\r\n]|^[\s\ufeff]|\s$/u.test(cell) && !cell.includes(delimiter);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

/** The header row of failed.csv: the columns of the caller, then the columns of the failure. */
export function failedHeader(columns: readonly string[], options?: CsvLineOptions): string {
  return csvLine([...withoutFailure(columns), ...failureColumns], options);
}

/** A row of failed.csv. Columns of an earlier failed.csv are replaced. */
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
 * Makes the row as wide as the header row, so that the failure is below its names. Excess cells are
 * joined into the last one.
 */
function fitCells(cells: readonly string[], width: number, delimiter: string): readonly string[] {
  if (cells.length < width) return [...cells, ...Array<string>(width - cells.length).fill('')];
  if (cells.length === width) return cells;
  return [...cells.slice(0, width - 1), cells.slice(width - 1).join(delimiter)];
}
