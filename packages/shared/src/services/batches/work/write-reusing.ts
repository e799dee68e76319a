/**
 * Writes the rows of a batch with `dedupe: reuse`. Rows whose request was made before are settled
 * with copies of those images by the transaction that writes them, so that no worker can call for
 * them. The copies are stored first: if the transaction does not happen, they are deleted.
 */
import { writeRows } from '../../../records/batches/batch-rows.ts';
import type { BatchRow } from '../../../records/batches/batches.ts';
import { transactionWithEvents } from '../../../records/events/write-events.ts';
import { settleReused } from '../../../records/reuse/settle-reused.ts';
import { copyMadeBefore, discardCopies, type KeyedJob } from '../../reuse/copy-images.ts';
import type { BatchWorkDeps } from './batch-work.ts';

type WriteRows = Parameters<typeof writeRows>;

export async function writeReusing(
  deps: BatchWorkDeps,
  batch: BatchRow,
  page: WriteRows[2],
  { jobs, ...common }: WriteRows[3] & { jobs: readonly KeyedJob[] },
): ReturnType<typeof writeRows> {
  const reused = await copyMadeBefore(deps, batch.project_id, jobs);
  if (reused.length === 0) return writeRows(deps.db, batch, page, common);
  const outcome = await transactionWithEvents(deps.db, async (transaction) => {
    const written = await writeRows(transaction, batch, page, common);
    if (written !== 'late') await settleReused(transaction, reused);
    return written;
  });
  if (outcome === 'late') await discardCopies(deps, reused);
  else deps.log.info({ rows: reused.length }, 'rows got images that were made before');
  return outcome;
}
