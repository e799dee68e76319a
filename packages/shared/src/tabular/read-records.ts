/**
 * CSV records out of UTF-8 bytes, by csv-parse. What it tolerates on its own is decided here: a quotation mark inside a cell that does not
 * begin with one is text, as in every spreadsheet; text behind the mark that closes a cell is not, as it usually means that the end of a
 * cell was lost and rows ran into each other.
 */
import { CsvError, parse, type Parser } from 'csv-parse';
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

export interface RecordBatch {
  records: CsvRecord[];
  fault?: RecordFault;
}

export interface RecordParser {
  /** The records that end in this piece. After a fault the parser must not be used any more. */
  write(piece: Uint8Array): Promise<RecordBatch>;
  end(): Promise<RecordBatch>;
}

export interface RecordOptions {
  delimiter: string;
  recordBytes: number;
}

/** Records of a whole stream, in batches of what one piece holds; the last batch may carry the fault that ended the reading. */
export async function* readRecords(
  pieces: AsyncIterable<Uint8Array>,
  options: RecordOptions,
): AsyncGenerator<RecordBatch> {
  const parser = createRecordParser(options);
  for await (const piece of pieces) {
    const batch = await parser.write(piece);
    yield batch;
    if (batch.fault) return;
  }
  yield await parser.end();
}

const quotationMark = 0x22;

export function createRecordParser({ delimiter, recordBytes }: RecordOptions): RecordParser {
  let records: CsvRecord[] = [];
  let linesBefore = 0;
  let bytesSinceRecord = 0;
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: recordBytes,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    raw: true,
    // Taken here, the records do not wait in the stream.
    on_record: (entry: unknown) => {
      const { record, raw } = entry as { record: string[]; raw: string };
      const isSuspect = record.some((cell) => cell.charCodeAt(0) === quotationMark);
      const strayQuote = isSuspect ? findStrayQuote(raw, delimiter) : undefined;
      records.push(strayQuote === undefined ? { cells: record } : { cells: record, strayQuote });
      return null;
    },
  });
  // The callback of a write has the error as well.
  parser.on('error', () => undefined).resume();

  const take = (error: Error | null | undefined): RecordBatch => {
    const taken = records;
    records = [];
    if (taken.length > 0) {
      linesBefore = parser.info.lines;
      bytesSinceRecord = 0;
    }
    if (error) return { records: taken, fault: toFault(error, parser, linesBefore, recordBytes) };
    // csv-parse measures neither delimiters nor empty lines, of which there may be as many.
    if (bytesSinceRecord > recordBytes) {
      parser.destroy();
      return { records: taken, fault: tooLong(recordBytes) };
    }
    return { records: taken };
  };

  return {
    write: (piece) => {
      bytesSinceRecord += piece.length;
      return new Promise((resolve) => {
        parser.write(piece, (error) => resolve(take(error)));
      });
    },
    end: () =>
      new Promise((resolve) => {
        parser.end((error?: Error | null) => resolve(take(error)));
      }),
  };
}

function toFault(error: Error, parser: Parser, linesBefore: number, recordBytes: number): RecordFault {
  if (!(error instanceof CsvError)) throw error;
  const cell = typeof error['column'] === 'number' ? error['column'] : undefined;
  const place = cell === undefined ? {} : { cell };
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    const message = 'a quotation mark is opened in this cell and not closed to the end of the file';
    return { kind: 'unterminated_quote', ...place, message };
  }
  if (error.code !== 'CSV_MAX_RECORD_SIZE') return { kind: 'invalid_csv', ...place, message: error.message };
  const lines = parser.info.lines - linesBefore;
  // Only inside quotation marks can a record go over many lines.
  if (lines <= 1) return { ...tooLong(recordBytes), ...place };
  const message = `a quotation mark is opened in this cell and not closed within ${recordBytes.toLocaleString('en')} bytes, over ${lines.toLocaleString('en')} lines`;
  return { kind: 'unterminated_quote', ...place, message };
}

function tooLong(recordBytes: number): RecordFault {
  return {
    kind: 'record_too_long',
    message: `the row is longer than ${recordBytes.toLocaleString('en')} bytes`,
  };
}
