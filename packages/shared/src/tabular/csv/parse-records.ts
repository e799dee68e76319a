/**
 * Runs csv-parse once over a CSV stream, strictly or leniently about quotation marks. The lenient
 * pass keeps the raw text of each record, to tell a quotation mark that is plain text from one that
 * has lost the end of its cell; it takes a third longer. A pass reports the first fault after which
 * nothing can be read. `read-records.ts` decides which pass to use.
 */
import { CsvError, parse } from 'csv-parse';
import { findStrayQuote } from './find-stray-quote.ts';

export interface CsvRecord {
  cells: string[];
  /** The index of the cell that has text after its closing quotation mark. */
  strayQuote?: number;
}

/** Why nothing after the last record can be read. */
export interface RecordFault {
  kind: 'unterminated_quote' | 'record_too_long' | 'invalid_csv';
  /** The index of the cell, when it is known. */
  cell?: number;
  message: string;
}

/**
 * The records of one piece of the file. `misplaced_quote` ends a strict pass; a lenient pass must
 * continue.
 */
export type PassBatch =
  | { records: CsvRecord[]; emptyLines: number; status: 'read' | 'misplaced_quote' }
  | { records: CsvRecord[]; emptyLines: number; status: 'faulty'; fault: RecordFault };

export interface RecordPass {
  /**
   * Returns the records that end in this piece. Do not use the pass after any status but `read`.
   */
  write(piece: Uint8Array): Promise<PassBatch>;
  end(): Promise<PassBatch>;
  /** The number of bytes up to the end of the last record. */
  readonly recordsEnd: number;
}

export interface PassOptions {
  delimiter: string;
  recordBytes: number;
  isLenient: boolean;
  /** The pass starts at the beginning of the file, where a byte order mark may be. */
  isFirst: boolean;
}

export function createRecordPass({
  delimiter,
  recordBytes,
  isLenient,
  isFirst,
}: PassOptions): RecordPass {
  let records: CsvRecord[] = [];
  let recordsEnd = 0;
  let written = 0;
  let linesBefore = 1;
  let emptyBefore = 0;
  let emptyAtRecord = 0;
  const parser = parse({
    bom: isFirst,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: recordBytes,
    relax_column_count: true,
    relax_quotes: isLenient,
    skip_empty_lines: true,
    raw: isLenient,
    // Collect records here, so that they do not wait in the stream.
    on_record: (entry: unknown, info) => {
      records.push(
        isLenient ? inspectRecord(entry as RawRecord, delimiter) : { cells: entry as string[] },
      );
      recordsEnd = info.bytes;
      linesBefore = info.lines - info.empty_lines;
      emptyAtRecord = info.empty_lines;
      return null;
    },
  });
  // Ignore the event: the callback of the write receives the same error.
  parser.on('error', () => undefined).resume();

  function take(error: Error | null | undefined): PassBatch {
    const batch = { records, emptyLines: parser.info.empty_lines - emptyBefore };
    records = [];
    emptyBefore = parser.info.empty_lines;
    if (error) {
      if (isMisplacedQuote(error)) return { ...batch, status: 'misplaced_quote' };
      const fault = toFault(error, linesOfRecord(), recordBytes);
      return { ...batch, status: 'faulty', fault };
    }
    // csv-parse does not count delimiters, of which there may be just as many.
    // Empty lines of one or two bytes are counted as rows, so they do not count as bytes here.
    const emptyBytes = 2 * (emptyBefore - emptyAtRecord);
    if (written - recordsEnd - emptyBytes <= recordBytes + lookahead)
      return { ...batch, status: 'read' };
    return { ...batch, status: 'faulty', fault: tooLong(linesOfRecord(), recordBytes) };
  }

  function linesOfRecord(): number {
    return parser.info.lines - parser.info.empty_lines - linesBefore;
  }

  return {
    write: (piece) => {
      written += piece.length;
      return new Promise((resolve) => {
        parser.write(piece, (error) => resolve(take(error)));
      });
    },
    end: () =>
      new Promise((resolve) => {
        parser.end((error?: Error | null) => {
          const last = take(error);
          // csv-parse counts the end of the file as an empty line.
          resolve({ ...last, emptyLines: Math.max(0, last.emptyLines - 1) });
        });
      }),
    get recordsEnd() {
      return recordsEnd;
    },
  };
}

interface RawRecord {
  record: string[];
  raw: string;
}

const quotationMark = 0x22;
/**
 * The bytes that csv-parse looks ahead before it decides about the previous one, and a few more.
 */
const lookahead = 16;

/**
 * When text follows a closing quotation mark, the parser restores the marks: the cell starts with
 * one.
 */
function inspectRecord({ record, raw }: RawRecord, delimiter: string): CsvRecord {
  const isSuspect = record.some((cell) => cell.charCodeAt(0) === quotationMark);
  const strayQuote = isSuspect ? findStrayQuote(raw, delimiter) : undefined;
  return strayQuote === undefined ? { cells: record } : { cells: record, strayQuote };
}

function isMisplacedQuote(error: Error): boolean {
  return (
    error instanceof CsvError &&
    (error.code === 'CSV_INVALID_CLOSING_QUOTE' || error.code === 'INVALID_OPENING_QUOTE')
  );
}

function toFault(error: Error, lines: number, recordBytes: number): RecordFault {
  if (!(error instanceof CsvError)) throw error;
  const place = typeof error['column'] === 'number' ? { cell: error['column'] } : {};
  if (error.code === 'CSV_MAX_RECORD_SIZE') return { ...place, ...tooLong(lines, recordBytes) };
  if (error.code !== 'CSV_QUOTE_NOT_CLOSED')
    return { kind: 'invalid_csv', ...place, message: error.message };
  const message =
    'the quotation mark that opens this cell is not closed before the end of the file';
  return { kind: 'unterminated_quote', ...place, message };
}

/** A record spans several lines only inside quotation marks. */
function tooLong(lines: number, recordBytes: number): RecordFault {
  const bytes = `${recordBytes.toLocaleString('en')} bytes`;
  if (lines <= 1) return { kind: 'record_too_long', message: `the row is longer than ${bytes}` };
  const message =
    `a quotation mark that opens here is not closed within ${bytes}, over ` +
    `${lines.toLocaleString('en')} lines`;
  return { kind: 'unterminated_quote', message };
}
