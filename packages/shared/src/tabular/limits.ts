/**
 * The limits of reading a table. Every input is limited; a caller of `openCsv` or `openJsonl` may
 * change single limits.
 */

export interface TabularLimits {
  /** Rows that are not empty. A file with more is not read further. */
  rows: number;
  /** Rows and lines that are empty. A sheet of Excel has 1,048,576 rows. */
  blankRows: number;
  /** Bytes of one CSV record or JSONL line, including empty lines and delimiters around it. */
  recordBytes: number;
  /** UTF-16 units of one CSV cell. A prompt has its own, smaller limit. */
  cellCharacters: number;
  /** Columns with a name in a CSV file, including dropped ones. */
  columns: number;
  customIdCharacters: number;
  filenameCharacters: number;
  /** Source images that one row may name. */
  images: number;
}

/**
 * Cells of one record, with a name or not. A sheet of Excel has 16,384 columns; a record of 1 MiB
 * may have a million, and looking at each takes long.
 */
export const maxCells = 16_384;

const defaultLimits: TabularLimits = {
  rows: 100_000,
  blankRows: 1_048_576,
  recordBytes: 1_048_576,
  cellCharacters: 65_536,
  columns: 100,
  customIdCharacters: 256,
  filenameCharacters: 200,
  images: 16,
};

/**
 * A hard limit whatever the caller allows: the custom ids of all rows are kept in memory, to find
 * duplicates.
 */
export const maxRows = 1_000_000;

export function buildLimits(given: Partial<TabularLimits> = {}): TabularLimits {
  const limits = { ...defaultLimits, ...given };
  return { ...limits, rows: Math.min(limits.rows, maxRows) };
}

/**
 * The header row must end within these first bytes of the file, which are read before everything
 * else.
 */
export const headBytes = 65_536;

/**
 * Bytes that are parsed at a time, during which the process does nothing else; also the most that
 * is parsed ahead of the reader. A row with a wrong number of cells takes csv-parse ten times as
 * long as another: a slice of only such rows takes some 6 ms.
 */
export const sliceBytes = 2_048;

/** Problems that a report lists; it only counts the others. */
export const maxReportedProblems = 1_000;
