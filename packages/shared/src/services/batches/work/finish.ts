/**
 * `finalizing`, and the end of `cancelling`: writes the output files, then ends the batch and
 * records their ids in one statement. Files of a batch that did not end here are deleted.
 */
import type { BatchRow } from '../../../records/batches/batches.ts';
import { hasDeletedJobs, sumImageBytes } from '../../../records/batches/batch-jobs.ts';
import { finishBatch, type BatchEnd } from '../../../records/batches/batch-transitions.ts';
import { deleteFile, findFile, type FileRow } from '../../../records/files/files.ts';
import { base64Length } from '../../base64.ts';
import { discardBytes, writeFile } from '../../files/store-file.ts';
import type { BatchWorkDeps } from './batch-work.ts';
import { openBatchInput } from '../input/open-batch-input.ts';
import { errorLines } from '../output/error-lines.ts';
import { outputLines } from '../output/output-lines.ts';

/**
 * True if the batch has ended, or if its state has changed and it is advanced again. False if the
 * process stops: another one writes the files from their beginning.
 */
export async function finishBatchFiles(
  deps: BatchWorkDeps,
  batch: BatchRow,
  to: BatchEnd,
): Promise<boolean> {
  const hasErrors =
    batch.failed_count + batch.expired_count + batch.cancelled_count + batch.invalid_count > 0 ||
    batch.ingested_row < (batch.last_row ?? 0) ||
    (await hasDeletedJobs(deps.db, batch.id));
  const written: FileRow[] = [];
  async function write(kind: 'output' | 'error', lines: AsyncIterable<Uint8Array>) {
    const file = await writeLines(deps, batch, kind, lines);
    written.push(file);
    return file.id;
  }
  try {
    const files = {
      output: batch.completed_count > 0 ? await write('output', outputLines(deps, batch)) : null,
      error: hasErrors
        ? await write('error', errorLines(deps, batch, readUningested(deps, batch)))
        : null,
    };
    const isFinished = await finishBatch(deps.db, batch.id, to, files);
    if (isFinished) deps.log.info({ status: to, ...files }, 'batch ended');
    else await discard(deps, written);
    return true;
  } catch (error) {
    if (!deps.stopping.aborted) throw error;
    await discard(deps, written);
    return false;
  }
}

async function writeLines(
  deps: BatchWorkDeps,
  batch: BatchRow,
  kind: 'output' | 'error',
  lines: AsyncIterable<Uint8Array>,
): Promise<FileRow> {
  const keptSeconds = batch.options.output_expires_after?.seconds;
  const pictureBytes = kind === 'output' ? await sumImageBytes(deps.db, batch.id) : 0;
  return writeFile(
    deps,
    {
      project_id: batch.project_id,
      purpose: 'batch_output',
      filename: `${batch.id}_${kind}.jsonl`,
      expires_at: keptSeconds === undefined ? null : new Date(Date.now() + keptSeconds * 1000),
    },
    joinLines(lines, deps.stopping),
    base64Length(pictureBytes) + batch.completed_count * lineBytes,
  );
}

const minPieceBytes = 65_536;
/** About as much as a line has besides its pictures. */
const lineBytes = 1_024;

/**
 * Joins lines, because a store takes a hundred lines at once for less than each on its own. Throws
 * when the process stops: a file of pictures may be written for hours.
 */
async function* joinLines(
  lines: AsyncIterable<Uint8Array>,
  stopping: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const line of lines) {
    stopping.throwIfAborted();
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
  const table = await openBatchInput(deps, batch, file, { signal: deps.stopping });
  if (table.status === 'refused') return;
  for await (const row of table.rows(batch.ingested_row))
    if (row.status !== 'unreadable') yield row;
}

/**
 * Deletes output files that the batch does not name, because a job of it was retried meanwhile,
 * another worker ended the batch first, or this process stops.
 */
async function discard(deps: BatchWorkDeps, files: readonly FileRow[]): Promise<void> {
  for (const file of files) {
    const deletion = await deleteFile(deps.db, file.project_id, file.id);
    if (deletion.status === 'deleted') await discardBytes(deps, deletion);
  }
}
