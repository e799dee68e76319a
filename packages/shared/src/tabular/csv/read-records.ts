/**
 * Parses UTF-8 bytes into CSV records, and decides which mistakes are forgiven. A quotation mark
 * inside a cell that does not start with one is plain text, as in every spreadsheet. Text after the
 * quotation mark that closes a cell is a problem of its row, because it usually means that rows ran
 * into each other. Nearly all files have neither, and are parsed strictly to the end.
 */
import {
  createRecordPass,
  type CsvRecord,
  type PassBatch,
  type RecordFault,
} from './parse-records.ts';

export interface RecordOptions {
  delimiter: string;
  recordBytes: number;
}

export interface RecordBatch {
  records: CsvRecord[];
  /** Lines without a character that came with these records. They are not records. */
  emptyLines: number;
  fault?: RecordFault;
}

export interface RecordParser {
  /** Returns the records that end in this piece. Do not use the parser after a fault. */
  write(piece: Uint8Array): Promise<RecordBatch>;
  end(): Promise<RecordBatch>;
}

/**
 * Yields the records of a whole stream, one batch per piece. The last batch may have the fault that
 * ended the reading.
 */
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

/**
 * Starts strictly. At the first misplaced quotation mark it parses that record again, and
 * everything after it, leniently.
 */
export function createRecordParser(options: RecordOptions): RecordParser {
  let pass = createRecordPass({ ...options, isLenient: false, isFirst: true });
  let isLenient = false;
  /**
   * The pieces since the end of the last record, which may have to be parsed again, and the offset
   * of the first of them.
   */
  let buffered: Uint8Array[] = [];
  let bufferedFrom = 0;

  async function resume(): Promise<PassBatch> {
    const { recordsEnd } = pass;
    pass = createRecordPass({ ...options, isLenient: true, isFirst: recordsEnd === 0 });
    isLenient = true;
    const rest = Buffer.concat(buffered).subarray(recordsEnd - bufferedFrom);
    buffered = [];
    return await pass.write(rest);
  }

  function release(): void {
    while (buffered[0] !== undefined && bufferedFrom + buffered[0].length <= pass.recordsEnd) {
      bufferedFrom += buffered[0].length;
      buffered.shift();
    }
  }

  return {
    async write(piece) {
      if (!isLenient) buffered.push(piece);
      const batch = await pass.write(piece);
      if (batch.status === 'misplaced_quote') return join(batch, await resume());
      if (!isLenient) release();
      return join(batch);
    },
    async end() {
      const batch = await pass.end();
      if (batch.status !== 'misplaced_quote') return join(batch);
      const rest = await resume();
      return rest.status === 'read' ? join(batch, rest, await pass.end()) : join(batch, rest);
    },
  };
}

function join(...batches: readonly PassBatch[]): RecordBatch {
  const records =
    batches.length === 1 && batches[0]
      ? batches[0].records
      : batches.flatMap((batch) => batch.records);
  const emptyLines = batches.reduce((sum, batch) => sum + batch.emptyLines, 0);
  const last = batches.at(-1);
  return last?.status === 'faulty'
    ? { records, emptyLines, fault: last.fault }
    : { records, emptyLines };
}
