/**
 * One pass of csv-parse, either strict or lenient about quotation marks. The lenient one keeps each
 * record's raw text, to tell a mark that is merely text from one that has lost the end of its cell;
 * that costs a third more.
 */
import { CsvError, parse } from 'csv-parse';
import { findStrayQuote } from './find-stray-quote.ts';

export interface CsvRecord {
  cells: string[];
  /** The index of a cell whose closing quotation mark is followed by text. */
  strayQuote?: number;
}

/** Why nothing can be read behind the last record. */
export interface RecordFault {
  kind: 'unterminated_quote' | 'record_too_long' | 'invalid_csv';
  /** The index of the cell; undefined where it is not known. */
  cell?: number;
  message: string;
}

/**
 * What a piece of the file gives. `misplaced_quote` ends a strict pass, and a lenient one has to go
 * on.
 */
export type PassBatch =
  | { records: CsvRecord[]; status: 'read' | 'misplaced_quote' }
  | { records: CsvRecord[]; status: 'faulty'; fault: RecordFault };

export interface RecordPass {
  /** The records that end in this piece. A pass that has not `read` must not be used any more. */
  write(piece: Uint8Array): Promise<PassBatch>;
  end(): Promise<PassBatch>;
  /** Bytes up to the end of the last record. */
  readonly recordsEnd: number;
}

export interface PassOptions {
  delimiter: string;
  recordBytes: number;
  isLenient: boolean;
  /** Whether it begins where the file does, which may be with a byte order mark. */
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
  const parser = parse({
    bom: isFirst,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: recordBytes,
    relax_column_count: true,
    relax_quotes: isLenient,
    skip_empty_lines: true,
    raw: isLenient,
    // Taken here, the records do not wait in the stream.
    on_record: (entry: unknown, info) => {
      records.push(
        isLenient ? inspectRecord(entry as RawRecord, delimiter) : { cells: entry as string[] },
      );
      recordsEnd = info.bytes;
      linesBefore = info.lines - info.empty_lines;
      return null;
    },
  });
  // The callback of a write has the error as well.
  parser.on('error', () => undefined).resume();

  function take(error: Error | null | undefined): PassBatch {
    const taken = records;
    records = [];
    if (error) {
      if (isMisplacedQuote(error)) return { records: taken, status: 'misplaced_quote' };
      return {
        records: taken,
        status: 'faulty',
        fault: toFault(error, linesOfRecord(), recordBytes),
      };
    }
    // csv-parse measures neither delimiters nor empty lines, of which there may be as many.
    if (written - recordsEnd <= recordBytes + lookahead) return { records: taken, status: 'read' };
    return { records: taken, status: 'faulty', fault: tooLong(linesOfRecord(), recordBytes) };
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
        parser.end((error?: Error | null) => resolve(take(error)));
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
/** Bytes that csv-parse wants to see before it decides on the one before them; a few more. */
const lookahead = 16;

/**
 * Where a closing mark was not the end, the parser has put the marks back: the cell begins with
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
  const message = 'a quotation mark is opened in this cell and not closed to the end of the file';
  return { kind: 'unterminated_quote', ...place, message };
}

/** Only inside quotation marks can a record go over several lines. */
function tooLong(lines: number, recordBytes: number): RecordFault {
  const bytes = `${recordBytes.toLocaleString('en')} bytes`;
  if (lines <= 1) return { kind: 'record_too_long', message: `the row is longer than ${bytes}` };
  const message = `a quotation mark is opened here and not closed within ${bytes}, over ${lines.toLocaleString('en')} lines`;
  return { kind: 'unterminated_quote', message };
}
