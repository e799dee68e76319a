/** Opens the file of a batch as a table (`tabular/open-table.ts`), from the object store. */
import { findTextEncoding } from '../../../domain/text/text-encodings.ts';
import { addAbortSignal } from 'node:stream';
import { KilnError } from '../../../errors.ts';
import { createBreaks } from '../../../event-loop.ts';
import type { BatchOptions, BatchReading } from '../../../schemas/batch.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import type { OpenBytes } from '../../../tabular/text/open-bytes.ts';
import type { CsvOptions } from '../../../tabular/csv/open-csv.ts';
import { maxRows } from '../../../tabular/limits.ts';
import { openTable } from '../../../tabular/open-table.ts';
import type {
  CsvSummary,
  JsonlSummary,
  KnownTable,
  OpenedTable,
  RequestCheck,
} from '../../../tabular/table.ts';
import type { Endpoint } from '../../../domain/endpoints.ts';

export interface InputDeps {
  config: { maxBatchRows: number };
  store: ObjectStore;
}

export type InputTable = OpenedTable<CsvSummary | JsonlSummary> & {
  /** The endpoint of the batch. */
  endpoint: Endpoint;
};

export type ReadingOptions = Pick<
  BatchOptions,
  'defaults' | 'column_map' | 'encoding' | 'delimiter'
> & {
  endpoint: Endpoint;
  template_needs_values?: boolean | undefined;
  mixed_endpoints?: boolean | undefined;
  known?: KnownTable | undefined;
  isTentative?: boolean;
  /** Ends the reading when its result is no longer wanted. */
  signal?: AbortSignal | undefined;
};

/** Reads an object from its beginning each time. Reading throws `file_missing` if it is gone. */
function openObject(
  store: ObjectStore,
  objectKey: string,
  signal: AbortSignal | undefined,
): OpenBytes {
  return async function* read() {
    const object = await store.get(objectKey);
    if (object === null)
      throw new KilnError(
        'file_missing',
        'the bytes of the input file are not in the object store',
      );
    // A store that sends nothing must not keep the reading from ending.
    if (signal !== undefined) addAbortSignal(signal, object.stream);
    yield* object.stream as AsyncIterable<Uint8Array>;
  };
}

/** @param check applies the rules of the model and the provider; left out, rows are not checked */
export async function openInput(
  { config, store }: InputDeps,
  { objectKey, filename }: { objectKey: string; filename: string },
  options: ReadingOptions,
  check?: RequestCheck,
): Promise<InputTable> {
  const open = openObject(store, objectKey, options.signal);
  const { endpoint } = options;
  const encoding = options.encoding === undefined ? undefined : findTextEncoding(options.encoding);
  const shared = {
    // The limit of an accepted file was that of its validation: all its rows become jobs, even if
    // `KILN_MAX_BATCH_ROWS` is lower by now.
    limits: { rows: options.known === undefined ? config.maxBatchRows : maxRows },
    ...(options.defaults !== undefined && { defaults: options.defaults }),
    ...(check !== undefined && { check }),
    known: options.known,
    breaks: createBreaks(options.signal),
    ...(options.isTentative !== undefined && { isTentative: options.isTentative }),
  };
  const table = await openTable(open, filename, {
    ...shared,
    endpoint,
    ...(encoding !== undefined && { encoding }),
    ...(options.delimiter !== undefined && { delimiter: options.delimiter }),
    needsValues: options.template_needs_values ?? false,
    hasMixedEndpoints: options.mixed_endpoints ?? false,
    ...(options.column_map !== undefined && {
      columnMap: options.column_map as NonNullable<CsvOptions['columnMap']>,
    }),
  });
  return { ...table, endpoint };
}

export function readingOf(summary: CsvSummary | JsonlSummary | null): BatchReading | null {
  if (summary === null) return null;
  const { format, encoding } = summary;
  if (summary.format === 'jsonl') return { format, encoding, delimiter: null, columns: [] };
  return {
    format,
    encoding,
    delimiter: summary.delimiter,
    columns: summary.columns
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, use }) => ({ name, means: use === 'metadata' ? null : use })),
  };
}
