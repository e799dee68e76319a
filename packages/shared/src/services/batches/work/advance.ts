/**
 * What a worker does for a batch: whatever its state asks for, in steps that are each one statement
 * or can be repeated. So it may die at any moment, and two workers may do it at once: the next look
 * at the batch goes on where it stands.
 */
import {
  cancelChunk,
  countOpen,
  parkChunk,
  requestStops,
  requeueFailed,
  unparkChunk,
} from '../../../records/batches/batch-jobs.ts';
import {
  extendLease,
  findBatchById,
  leaseBatch,
  type BatchRow,
} from '../../../records/batches/batches.ts';
import {
  endMoving,
  endRetrying,
  startFinalizing,
} from '../../../records/batches/batch-transitions.ts';
import { competingRoutes } from '../../../records/jobs/fair-tags.ts';
import type { BatchWorkDeps } from './batch-work.ts';
import { finishBatchFiles } from './finish.ts';
import { ingestRows } from './ingest.ts';
import { validateInput } from './validate-input.ts';

/** Jobs that are moved or cancelled in one statement: the locks of one are short. */
const jobsAtATime = 1_000;

/** Does all there is to do now. `busy`: another worker has the batch in hand. */
export async function advanceBatch(deps: BatchWorkDeps, id: string): Promise<'done' | 'busy'> {
  const { leaseMs } = deps.config;
  const no = await leaseBatch(deps.db, id, leaseMs);
  if (no === undefined) return 'busy';
  const log = deps.log.child({ batchId: id });
  // Nothing depends on the lease but that a file is not read by several at once, for nothing.
  const extend = () =>
    extendLease(deps.db, id, no, leaseMs).catch((err: unknown) =>
      log.warn({ err }, 'the lease of a batch could not be extended'),
    );
  const beat = setInterval(() => void extend(), leaseMs / 3);
  try {
    for (;;) {
      const batch = await findBatchById(deps.db, id);
      if (batch === undefined || deps.stopping.aborted) return 'done';
      if (!(await takeStep({ ...deps, log }, batch))) return 'done';
    }
  } finally {
    clearInterval(beat);
    await extendLease(deps.db, id, no, null);
  }
}

/** One step; false where there is nothing to do until something happens to the batch. */
async function takeStep(deps: BatchWorkDeps, batch: BatchRow): Promise<boolean> {
  switch (batch.status) {
    case 'validating':
      return validateInput(deps, batch);
    case 'in_progress':
      if (batch.moving !== null) return moveJobs(deps, batch, batch.moving);
      if (batch.retrying_since !== null) return retryJobs(deps, batch, batch.retrying_since);
      if (batch.ingested_row < (batch.last_row ?? 0)) return ingestRows(deps, batch);
      return startFinalizing(deps.db, batch.id);
    case 'cancelling':
      return cancelJobs(deps, batch);
    case 'finalizing':
      return finishBatchFiles(deps, batch, batch.expired_count > 0 ? 'expired' : 'completed');
    case 'failed':
    case 'completed':
    case 'expired':
    case 'cancelled':
      return false;
  }
}

async function moveJobs(
  deps: BatchWorkDeps,
  batch: BatchRow,
  moving: 'park' | 'unpark',
): Promise<boolean> {
  const moved =
    moving === 'park'
      ? await parkChunk(deps.db, batch.id, jobsAtATime)
      : await unparkChunk(deps.db, batch.id, jobsAtATime, competingRoutes(deps.routes));
  deps.dispatcher.wakeAll(); // a place in a window is free, or there are jobs for one
  if (moved < jobsAtATime) await endMoving(deps.db, batch.id, moving);
  return true;
}

async function retryJobs(deps: BatchWorkDeps, batch: BatchRow, since: Date): Promise<boolean> {
  const queued = await requeueFailed(
    deps.db,
    batch.id,
    since,
    jobsAtATime,
    competingRoutes(deps.routes),
  );
  deps.dispatcher.wakeAll();
  if (queued < jobsAtATime) await endRetrying(deps.db, batch.id, since);
  return true;
}

/** Jobs that execute are paid for and finish; the batch is cancelled when none is left. */
async function cancelJobs(deps: BatchWorkDeps, batch: BatchRow): Promise<boolean> {
  if ((await cancelChunk(deps.db, batch.id, jobsAtATime)) > 0) return true;
  await requestStops(deps.db, batch.id);
  // One whose call is not settled is looked at by its next claim, which a parked job never has.
  while (
    (await unparkChunk(deps.db, batch.id, jobsAtATime, competingRoutes(deps.routes))) ===
    jobsAtATime
  );
  deps.dispatcher.wakeAll();
  if ((await countOpen(deps.db, batch.id)) > 0) return false;
  // With the counts of now: a call may have been answered since the batch was read.
  const ended = await findBatchById(deps.db, batch.id);
  return ended?.status === 'cancelling' ? finishBatchFiles(deps, ended, 'cancelled') : true;
}
