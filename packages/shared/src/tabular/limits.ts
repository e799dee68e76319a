/**
 * Everything a stranger can send has an end: the limits of reading a table, which a caller of
 * `openCsv` and `openJsonl` may change one by one.
 */

export interface TabularLimits {
  /** Rows with something in them; a file with more is not read further. */
  rows: number;
  /** Bytes of one CSV record or JSONL line, and of whatever stands between two of them. */
  recordBytes: number;
  /** Characters (UTF-16 units) of one CSV cell. A prompt has its own, smaller limit. */
  cellCharacters: number;
  /** Columns of a CSV file, those included that are dropped. */
  columns: number;
  customIdCharacters: number;
  filenameCharacters: number;
  /** Source images named by one row. */
  images: number;
}

const defaultLimits: TabularLimits = {
  rows: 100_000,
  recordBytes: 1_048_576,
  cellCharacters: 65_536,
  columns: 100,
  customIdCharacters: 256,
  filenameCharacters: 200,
  images: 16,
};

/**
 * The custom ids of more rows are not held against each other in memory, whatever a caller allows.
 */
export const maxRows = 1_000_000;

export function buildLimits(given: Partial<TabularLimits> = {}): TabularLimits {
  const limits = { ...defaultLimits, ...given };
  return { ...limits, rows: Math.min(limits.rows, maxRows) };
}

/**
 * The header row must end within the first bytes of the file, which are looked at before anything
 * else.
 */
export const headBytes = 65_536;

/**
 * Bytes that are parsed at a time, which nothing else runs beside, and so the most that is held in
 * rows nobody has asked for yet. A row with a wrong number of cells costs csv-parse ten times as
 * much as another; a piece of nothing but such rows takes it some 50 ms.
 */
export const sliceBytes = 16_384;

/** Problems that a report keeps in detail; the others are counted. */
export const maxReportedProblems = 1_000;

/** Levels of objects and arrays in a JSONL line. */
export const maxJsonDepth = 32;
