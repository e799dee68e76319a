/**
 * `finalizing`, and the end of `cancelling`: writes the output files, then ends the batch and
 * records their ids in one statement. Files of a batch that did not end here are deleted.
 */
import type { BatchRow } from '../../../records/batches/batches.ts';
import { hasDeletedJobs } from '../../../records/batches/batch-jobs.ts';
import { finishBatch, type BatchEnd } from '../../../records/batches/batch-transitions.ts';
import { deleteFile, findFile, type FileRow } from '../../../records/files/files.ts';
import { discardBytes, writeFile } from '../../files/store-file.ts';
import type { BatchWorkDeps } from './batch-work.ts';
import { openBatchInput } from '../input/open-batch-input.ts';
import { errorLines, outputLines } from '../output/output-lines.ts';

/** Always true: the batch has ended, or its state has changed and it is advanced again. */
export async function finishBatchFiles(
  deps: BatchWorkDeps,
  batch: BatchRow,
  to: BatchEnd,
): Promise<boolean> {
  const hasErrors =
    batch.failed_count + batch.expired_count + batch.cancelled_count + batch.invalid_count > 0 ||
    batch.ingested_row < (batch.last_row ?? 0) ||
    (await hasDeletedJobs(deps.db, batch.id));
  const output =
    batch.completed_count > 0 ? await write(deps, batch, 'output', outputLines(deps, batch)) : null;
  const error = hasErrors
    ? await write(deps, batch, 'error', errorLines(deps, batch, readUningested(deps, batch)))
    : null;
  const files = { output: output?.id ?? null, error: error?.id ?? null };
  const isFinished = await finishBatch(deps.db, batch.id, to, files);
  if (isFinished) deps.log.info({ status: to, ...files }, 'batch ended');
  else await discard(deps, [output, error]);
  return true;
}

function write(
  deps: BatchWorkDeps,
  batch: BatchRow,
  kind: 'output' | 'error',
  lines: AsyncIterable<Uint8Array>,
): Promise<FileRow> {
  const keptSeconds = batch.options.output_expires_after?.seconds;
  return writeFile(
    deps,
    {
      project_id: batch.project_id,
      purpose: 'batch_output',
      filename: `${batch.id}_${kind}.jsonl`,
      expires_at: keptSeconds === undefined ? null : new Date(Date.now() + keptSeconds * 1000),
    },
    joinLines(lines),
  );
}

const minPieceBytes = 65_536;

/** Joins lines, because a store takes a hundred lines at once for less than each on its own. */
async function* joinLines(lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const line of lines) {
    waiting.push(line);
    bytes += line.length;
    if (bytes < minPieceBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

/** The rows of a cancelled batch that ingest had not reached. */
async function* readUningested(
  deps: BatchWorkDeps,
  batch: BatchRow,
): AsyncGenerator<{ row: number; customId: string | null }> {
  if (batch.ingested_row >= (batch.last_row ?? 0)) return;
  const file = await findFile(deps.db, batch.project_id, batch.input_file_id);
  if (file === undefined) return;
  const table = await openBatchInput(deps, batch, file);
  if (table.status === 'refused') return;
  for await (const row of table.rows(batch.ingested_row))
    if (row.status !== 'unreadable') yield row;
}

/**
 * Deletes output files that the batch does not name, because a job of it was retried meanwhile or
 * another worker ended the batch first.
 */
async function discard(deps: BatchWorkDeps, files: (FileRow | null)[]): Promise<void> {
  for (const file of files) {
    if (file === null) continue;
    const deletion = await deleteFile(deps.db, file.project_id, file.id);
    if (deletion.status === 'deleted') await discardBytes(deps, deletion);
  }
}
