/**
 * Counts the rows of a batch by state and by error code. The states come from the counters in the
 * record of the batch. Counting the codes of 100,000 failed rows takes about 50 ms, and lists of
 * rows are asked for while a table scrolls, so codes are remembered for a while.
 */
import { countCodes, countInHand, type BatchOfRows } from '../../../records/batches/row-pages.ts';
import type { Database } from '../../../records/database/open-records.ts';
import { maxCountedCodes, type RowCounts } from '../../../schemas/batches/batch-row.ts';
import { rememberByKey } from '../../remember.ts';

export interface RowCounter {
  count(batch: BatchOfRows): Promise<RowCounts>;
}

export function createRowCounter(db: Database): RowCounter {
  const codesOf = rememberByKey((batchId: string) => countCodes(db, batchId, maxCountedCodes));
  return {
    async count(batch) {
      const [inHand, codes] = await Promise.all([countInHand(db, batch.id), codesOf(batch.id)]);
      return { status: countStates(batch, inHand), codes };
    },
  };
}

function countStates(
  batch: BatchOfRows,
  inHand: { in_progress: number; held: number },
): RowCounts['status'] {
  const ended =
    batch.completed_count +
    batch.failed_count +
    batch.invalid_count +
    batch.cancelled_count +
    batch.expired_count;
  const open = Math.max(0, (batch.row_count ?? 0) - ended);
  const unread = Math.min(open, Math.max(0, lastRowOf(batch) - batch.ingested_row));
  const isUnreadCancelled = statusOfUnread(batch) === 'cancelled';
  return {
    waiting: isUnreadCancelled ? 0 : unread,
    queued: Math.max(0, open - unread - inHand.in_progress - inHand.held),
    in_progress: inHand.in_progress,
    held: inHand.held,
    succeeded: batch.completed_count,
    failed: batch.failed_count,
    cancelled: batch.cancelled_count + (isUnreadCancelled ? unread : 0),
    expired: batch.expired_count,
    invalid: batch.invalid_count,
  };
}

/** The number of the last row of the file; 0 until Kiln has read it. */
export function lastRowOf({ file_last_row: ofFile, last_row: last }: BatchOfRows): number {
  return ofFile ?? last ?? 0;
}

/** The state of the rows that no worker has read. */
export function statusOfUnread({ status }: BatchOfRows): 'waiting' | 'cancelled' {
  return status === 'validating' || status === 'in_progress' ? 'waiting' : 'cancelled';
}
