/**
 * Reading, listing, cancelling, pausing, resuming and retrying batches. Each changes the records
 * and enqueues the batch; a worker does the rest (`work/advance.ts`).
 */
import { KilnError } from '../../errors.ts';
import {
  findBatch,
  listBatches,
  type BatchFilter,
  type BatchListRow,
  type BatchRow,
} from '../../records/batches/batches.ts';
import {
  setBatchPaused,
  startCancelling,
  startRetrying,
} from '../../records/batches/batch-transitions.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { Batch } from '../../schemas/batch.ts';
import type { Caller } from '../caller.ts';
import { findOrRefuse } from '../find-or-refuse.ts';
import type { BatchDeps } from './batch-deps.ts';
import { forecastBatches, noForecast } from './batch-forecast.ts';
import { toBatch } from './batch-view.ts';

/** Throws `batch_not_found`. */
export async function readBatch(
  deps: BatchDeps,
  { projectId }: Caller,
  id: string,
): Promise<Batch> {
  return present(deps, await requireBatch(deps, projectId, id));
}

/** Throws `searches_busy`. */
export async function listBatchPage(
  deps: BatchDeps,
  { projectId }: Caller,
  query: BatchFilter,
  disconnected: AbortSignal,
): Promise<{ batches: Batch[]; hasMore: boolean }> {
  const list = (on: Database) => listBatches(on, projectId, query);
  // No index finds a part of a name, or the few batches in a rare state.
  const isQuick = query.q === undefined && query.status === undefined;
  const rows = await (isQuick ? list(deps.db) : deps.searches.run(disconnected, list));
  const batches = await presentAll(deps, rows.slice(0, query.limit));
  return { batches, hasMore: rows.length > query.limit };
}

/**
 * Throws `batch_not_found`, or `batch_not_cancellable` for a batch that ended without being
 * cancelled. Cancelling a cancelled batch again changes nothing.
 */
export async function cancelBatch(deps: BatchDeps, caller: Caller, id: string): Promise<Batch> {
  const isStarted = await startCancelling(deps.db, caller.projectId, id);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isStarted && row.status !== 'cancelling' && row.status !== 'cancelled') {
    throw new KilnError(
      'batch_not_cancellable',
      `${id} cannot be cancelled: its status is ${row.status}`,
      {
        param: 'id',
      },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

/**
 * Pauses or resumes a batch. Throws `batch_not_found`, or `batch_not_pausable` if the batch is past
 * the states in which its jobs wait.
 */
export async function pauseBatch(
  deps: BatchDeps,
  caller: Caller,
  id: string,
  isPaused: boolean,
): Promise<Batch> {
  const isSet = await setBatchPaused(deps.db, caller.projectId, id, isPaused);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isSet) {
    const verb = isPaused ? 'paused' : 'resumed';
    throw new KilnError(
      'batch_not_pausable',
      `${id} cannot be ${verb}: its status is ${row.status}`,
      {
        param: 'id',
      },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

/**
 * Queues the failed and expired jobs of a batch again, and no others. Throws `batch_not_found`, or
 * `batch_not_retryable` if there are none or the batch has not ended.
 */
export async function retryBatch(deps: BatchDeps, caller: Caller, id: string): Promise<Batch> {
  const isStarted = await startRetrying(deps.db, caller.projectId, id);
  const row = await requireBatch(deps, caller.projectId, id);
  if (!isStarted) {
    throw new KilnError(
      'batch_not_retryable',
      `${id} cannot be retried: its status is ${row.status}, and ` +
        `${row.failed_count + row.expired_count} of its jobs have failed or expired`,
      { param: 'id' },
    );
  }
  deps.queue.enqueue(id);
  return present(deps, row);
}

async function present(deps: BatchDeps, row: BatchListRow): Promise<Batch> {
  const [batch] = await presentAll(deps, [row]);
  return batch ?? toBatch(row, noForecast);
}

async function presentAll(deps: BatchDeps, rows: readonly BatchListRow[]): Promise<Batch[]> {
  const forecasts = await forecastBatches(deps, rows);
  return rows.map((row) => toBatch(row, forecasts.get(row.id) ?? noForecast));
}

/** Throws `batch_not_found`. */
export function requireBatch(
  { db }: Pick<BatchDeps, 'db'>,
  projectId: string,
  id: string,
): Promise<BatchRow> {
  return findOrRefuse('batch', id, findBatch(db, projectId, id));
}
