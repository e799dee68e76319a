/** failed.csv: the caller's own rows that have come to nothing, each with the reason, to be mended and uploaded again. */
import { KilnError } from '../../errors.ts';
import { failuresByRow, type RowFailure } from '../../records/batch-jobs.ts';
import type { BatchRow } from '../../records/batches.ts';
import { findFile } from '../../records/files.ts';
import { ourColumns } from '../../tabular/column-names.ts';
import type { Row } from '../../tabular/table.ts';
import { byteOrderMark, failedHeader, failedLine } from '../../tabular/write-csv.ts';
import type { BatchDeps } from './batches.ts';
import { openInput, type InputTable } from './open-input.ts';
import { eachByRow } from './pages-by-row.ts';
import { createAssessor, readRows } from './read-rows.ts';

/** Of a JSONL file: its rows as CSV, with the columns that are parameters of a job. */
const jsonlColumns = ourColumns.filter(
  (column) => !['custom_id', 'image', 'mask', 'filename'].includes(column),
);

type Opened = Extract<InputTable, { status: 'opened' }>;
type ReadableRow = Exclude<Row, { status: 'unreadable' }>;

/** Resolves to the lines. Throws `file_not_found` where the input file was deleted. */
export async function openFailedRows(
  deps: Pick<BatchDeps, 'config' | 'db' | 'store' | 'routes'>,
  batch: BatchRow,
  withMark: boolean,
): Promise<AsyncGenerator<string>> {
  const file = await findFile(deps.db, batch.project_id, batch.input_file_id);
  if (file === undefined) {
    throw new KilnError('file_not_found', `the input file of ${batch.id} was deleted`, { param: 'id' });
  }
  const assessor = createAssessor(deps.routes, new Date());
  const table = await openInput(deps, { ...file, objectKey: file.object_key }, batch.options, assessor.check);
  const failures =
    batch.status === 'failed' && table.status === 'opened'
      ? readRefused(table, assessor)
      : eachByRow((after, limit) => failuresByRow(deps.db, batch.id, after, limit));
  return writeLines(table, failures, withMark);
}

async function* writeLines(
  table: InputTable,
  failures: AsyncGenerator<RowFailure>,
  withMark: boolean,
): AsyncGenerator<string> {
  if (withMark) yield byteOrderMark;
  if (table.status === 'refused') {
    yield failedHeader([]);
    for (const { code, message } of table.problems) yield failedLine([], [], { code, message });
    return;
  }
  const { columns, options, cellsOf } = describe(table);
  yield failedHeader(columns, options);
  let failure = await failures.next();
  if (failure.done === true) return;
  for await (const row of table.rows()) {
    if (failure.done === true || row.status === 'unreadable') return;
    if (row.row !== failure.value.row_number) continue;
    yield failedLine(columns, cellsOf(row), failure.value, options);
    failure = await failures.next();
  }
}

function describe({ summary }: Opened) {
  if (summary.format === 'csv') {
    return {
      columns: summary.columns.map(({ name }) => name),
      options: { delimiter: summary.delimiter },
      cellsOf: ({ cells }: ReadableRow) => cells,
    };
  }
  return {
    columns: ['custom_id', ...jsonlColumns],
    options: {},
    cellsOf: ({ customId, request }: ReadableRow) => [
      customId ?? '',
      ...jsonlColumns.map((name) => toCell((request as Record<string, unknown>)[name])),
    ],
  };
}

function toCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Of a file that was not accepted nothing was written down. */
async function* readRefused(
  table: Opened,
  assessor: ReturnType<typeof createAssessor>,
): AsyncGenerator<RowFailure> {
  for await (const read of readRows(table, assessor)) {
    if (read.status !== 'invalid') continue;
    const [problem] = read.problems;
    const message = read.problems.map((each) => each.message).join('; ');
    yield { row_number: read.row.row, code: problem?.code ?? 'invalid_value', message };
  }
}
