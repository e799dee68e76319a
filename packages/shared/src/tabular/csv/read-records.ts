/**
 * CSV records out of UTF-8 bytes. Which mistakes are forgiven is decided here: a quotation mark
 * inside a cell that does not begin with one is text, as in every spreadsheet; text behind the mark
 * that closes a cell is the mistake of its row, as it usually means that the end of a cell was lost
 * and rows ran into each other. Files without either, nearly all, are parsed strictly to the end.
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
  fault?: RecordFault;
}

export interface RecordParser {
  /** The records that end in this piece. After a fault the parser must not be used any more. */
  write(piece: Uint8Array): Promise<RecordBatch>;
  end(): Promise<RecordBatch>;
}

/**
 * Records of a whole stream, in batches of what one piece holds; the last batch may carry the fault
 * that ended the reading.
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
 * Begins strictly; at the first misplaced quotation mark it reads that record again, and all that
 * follow, leniently.
 */
export function createRecordParser(options: RecordOptions): RecordParser {
  let pass = createRecordPass({ ...options, isLenient: false, isFirst: true });
  let isLenient = false;
  /**
   * What may have to be read again: the pieces since the end of the last record, and where they
   * begin.
   */
  let held: Uint8Array[] = [];
  let heldFrom = 0;

  async function resume(): Promise<PassBatch> {
    const { recordsEnd } = pass;
    pass = createRecordPass({ ...options, isLenient: true, isFirst: recordsEnd === 0 });
    isLenient = true;
    const rest = Buffer.concat(held).subarray(recordsEnd - heldFrom);
    held = [];
    return await pass.write(rest);
  }

  function release(): void {
    while (held[0] !== undefined && heldFrom + held[0].length <= pass.recordsEnd) {
      heldFrom += held[0].length;
      held.shift();
    }
  }

  return {
    async write(piece) {
      if (!isLenient) held.push(piece);
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
  const last = batches.at(-1);
  return last?.status === 'faulty' ? { records, fault: last.fault } : { records };
}
