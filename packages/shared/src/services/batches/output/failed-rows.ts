/**
 * `failed.csv` and `failed.jsonl`: the rows of the caller's file that failed, each with the reason,
 * to be corrected and uploaded again. The rows are read from the input file; the reasons come from
 * the records, or, for a refused batch, from validating the file again.
 */
import { KilnError } from '../../../errors.ts';
import { createBreaks, type Breaks } from '../../../event-loop.ts';
import { failuresByRow, type RowFailure } from '../../../records/batches/batch-jobs.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { findFile } from '../../../records/files/files.ts';
import { csvColumns } from '../../../tabular/csv/column-names.ts';
import { readImages } from '../../../tabular/csv/read-cells.ts';
import type { Row } from '../../../tabular/table.ts';
import { byteOrderMark, failedHeader, failedLine } from '../../../tabular/csv/write-csv.ts';
import { addError, createToFileId, type ToFileId } from './failed-line.ts';
import type { InputTable } from '../input/open-input.ts';
import { openBatchInput, openRowChecks } from '../input/open-batch-input.ts';
import { eachByRow } from './pages-by-row.ts';
import { readPages, type RowChecks } from '../input/read-rows.ts';
import { editsEndpoint } from '../../../domain/endpoints.ts';
import type { BatchDeps } from '../batch-deps.ts';

/** The columns for the rows of a JSONL file: the parameters that CSV has a column for. */
const jsonlColumns = csvColumns.parameters;
const pictureColumns: readonly string[] = csvColumns.pictures.map(({ column }) => column);

type FailedRowsDeps = Pick<BatchDeps, 'config' | 'db' | 'store' | 'routes' | 'tokenMemory'>;

type Opened = Extract<InputTable, { status: 'opened' }>;
type ReadableRow = Exclude<Row, { status: 'unreadable' }>;

/**
 * Yields the lines of failed.csv. Throws `file_not_found` if the input file was deleted, and
 * `not_csv` for edits from a JSONL file: CSV has no columns for some of their fields, and without
 * these the caller would pay for other pictures.
 */
export async function openFailedRows(
  deps: FailedRowsDeps,
  batch: BatchRow,
  { withMark, signal }: { withMark: boolean; signal: AbortSignal },
): Promise<AsyncGenerator<string>> {
  const { table, failures, breaks } = await openFailures(deps, batch, signal);
  const hasEdits = table.endpoint === editsEndpoint || batch.options.mixed_endpoints === true;
  if (table.summary?.format === 'jsonl' && hasEdits)
    throw new KilnError(
      'not_csv',
      `lines of ${batch.id} may be edits, and a CSV file cannot hold every field of an edit; ` +
        'download failed.jsonl instead',
      { param: 'id' },
    );
  const failed = { table, failures, breaks };
  return unlessDeleted(deps, batch, writeCsv(failed, createToFileId(batch), withMark));
}

/**
 * Yields the lines of failed.jsonl: the caller's own lines, each with an `error`, which is ignored
 * when the file is uploaded again. A line that is no JSON object stays as it was. Throws
 * `file_not_found`, and `not_jsonl` if the input was a CSV file.
 */
export async function openFailedLines(
  deps: FailedRowsDeps,
  batch: BatchRow,
  signal: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const failed = await openFailures(deps, batch, signal);
  if (failed.table.summary?.format !== 'jsonl')
    throw new KilnError(
      'not_jsonl',
      `the input file of ${batch.id} is not JSONL; download failed.csv instead`,
      {
        param: 'id',
      },
    );
  return unlessDeleted(deps, batch, writeJsonl(failed, createToFileId(batch)));
}

async function* unlessDeleted(
  deps: FailedRowsDeps,
  batch: BatchRow,
  lines: AsyncIterable<string>,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw await explainMissing(deps, batch, error);
  }
}

/** The file may be deleted while it is read. */
async function explainMissing(
  { db }: Pick<FailedRowsDeps, 'db'>,
  batch: BatchRow,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof KilnError) || error.code !== 'file_missing') return error;
  const file = await findFile(db, batch.project_id, batch.input_file_id);
  return file === undefined ? fileIsGone(batch) : error;
}

function fileIsGone(batch: BatchRow): KilnError {
  return new KilnError('file_not_found', `the input file of ${batch.id} was deleted`, {
    param: 'id',
  });
}

/** The file, and what is wrong with its rows, in the same order. */
interface Failures {
  table: InputTable;
  failures: AsyncGenerator<RowFailure>;
  /** End the work when the caller has disconnected, also within a page of rows. */
  breaks: Breaks;
}

async function openFailures(
  deps: FailedRowsDeps,
  batch: BatchRow,
  signal: AbortSignal,
): Promise<Failures> {
  const file = await findFile(deps.db, batch.project_id, batch.input_file_id);
  if (file === undefined) throw fileIsGone(batch);
  const checks = await openRowChecks(deps, batch);
  const table = await openBatchInput(deps, batch, file, {
    check: checks.assessor.check,
    signal,
  }).catch(async (error: unknown) => {
    throw await explainMissing(deps, batch, error);
  });
  const breaks = createBreaks(signal);
  const failures =
    batch.status === 'failed' && table.status === 'opened'
      ? readRefused(table, checks, breaks)
      : eachByRow((after, limit) => failuresByRow(deps.db, batch.id, after, limit));
  return { table, failures, breaks };
}

async function* writeCsv(
  { table, ...failed }: Failures,
  toId: ToFileId,
  withMark: boolean,
): AsyncGenerator<string> {
  if (withMark) yield byteOrderMark;
  if (table.status === 'refused') {
    yield failedHeader([]);
    for (const { code, message } of table.problems) yield failedLine([], [], { code, message });
    return;
  }
  const { columns, options, cellsOf } = describe(table, toId);
  yield failedHeader(columns, options);
  for await (const { row, failure } of eachFailed({ table, ...failed }))
    yield failedLine(columns, cellsOf(row), failure, options);
}

async function* writeJsonl({ table, ...failed }: Failures, toId: ToFileId): AsyncGenerator<string> {
  if (table.status === 'refused') return;
  for await (const { row, failure } of eachFailed({ table, ...failed })) {
    const [text = ''] = row.cells;
    yield `${addError(text, failure, toId)}\n`;
  }
}

/** Yields the failed rows of the file, in its order. */
async function* eachFailed({
  table,
  failures,
  breaks,
}: Failures & { table: Opened }): AsyncGenerator<{ row: ReadableRow; failure: RowFailure }> {
  try {
    let failure = await failures.next();
    if (failure.done === true) return;
    for await (const row of table.rows()) {
      if (breaks.isDue()) await breaks.take();
      if (failure.done === true || row.status === 'unreadable') return;
      if (row.row !== failure.value.row_number) continue;
      yield { row, failure: failure.value };
      failure = await failures.next();
    }
  } finally {
    await failures.return(undefined); // it may be reading the file, too
  }
}

function describe({ summary }: Opened, toId: ToFileId) {
  if (summary.format === 'csv') {
    return {
      columns: summary.columns.map(({ name }) => name),
      options: { delimiter: summary.delimiter },
      cellsOf: ({ cells }: ReadableRow) =>
        cells.map((cell, index) => {
          const use = summary.columns[index]?.use ?? '';
          return pictureColumns.includes(use) ? readImages(cell).map(toId).join('|') : cell;
        }),
    };
  }
  return {
    columns: ['custom_id', ...jsonlColumns.map(({ column }) => column)],
    options: {},
    cellsOf: ({ customId, request }: ReadableRow) => [
      customId ?? '',
      ...jsonlColumns.map(({ field }) => toCell((request as Record<string, unknown>)[field])),
    ],
  };
}

function toCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Validates a refused file again, because its rows were never recorded. */
async function* readRefused(
  table: Opened,
  checks: RowChecks,
  breaks: Breaks,
): AsyncGenerator<RowFailure> {
  for await (const page of readPages(table, checks)) {
    for (const read of page) {
      if (breaks.isDue()) await breaks.take();
      if (read.status !== 'invalid') continue;
      const [problem] = read.problems;
      const message = read.problems.map((each) => each.message).join('; ');
      yield { row_number: read.row.row, code: problem?.code ?? 'invalid_value', message };
    }
  }
}
