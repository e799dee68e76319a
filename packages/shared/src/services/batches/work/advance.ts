/**
 * Advances a batch: reads its state and takes the steps that the state needs, until nothing is left
 * to do. Each step is one statement or can be repeated, so a worker may die at any moment and two
 * workers may advance the same batch: the next one continues from the recorded state. A step that
 * an error in Kiln stops is taken again after a pause, a few times, and then the batch fails
 * (`end-failing-batch.ts`).
 */
import {
  cancelChunk,
  countOpen,
  parkChunk,
  requestStops,
  requeueFailed,
  unparkChunk,
} from '../../../records/batches/batch-jobs.ts';
import { applyChanges } from '../../../records/batches/batch-changes.ts';
import {
  extendLease,
  findBatchById,
  forgetFailedRuns,
  leaseBatch,
  recordFailedRun,
  type BatchRow,
} from '../../../records/batches/batches.ts';
import {
  endMoving,
  endRetrying,
  startFinalizing,
} from '../../../records/batches/batch-transitions.ts';
import { competingRoutes } from '../../../records/jobs/fair-tags.ts';
import {
  failedRunPauseMs,
  longestFailedRunPauseMs,
  maxFailedRuns,
  timedOutRunPauseMs,
} from '../../../domain/retry-policy.ts';
import { isStatementTimeout } from '../../../records/database/availability.ts';
import { isUnavailable } from '../../retry-limits.ts';
import type { BatchWorkDeps, StepDeps } from './batch-work.ts';
import { watchBatch } from './watch-batch.ts';
import { endFailingBatch, endUnleasableBatch } from './end-failing-batch.ts';
import { finishBatchFiles } from './finish.ts';
import { ingestRows } from './ingest.ts';
import { validateInput } from './validate-input.ts';

/** The most jobs that one statement moves or cancels, so that it holds its locks briefly. */
const jobsAtATime = 1_000;

/** `busy`: another worker has the lease. `refused`: the batch is to be leased after a pause. */
export type Advance =
  | { status: 'done' }
  | { status: 'busy' }
  | { status: 'refused'; delayMs: number };

/** Does everything that can be done now. */
export async function advanceBatch(deps: BatchWorkDeps, id: string): Promise<Advance> {
  const { leaseMs } = deps.config;
  const log = deps.log.child({ batchId: id });
  const leased = await deps.refusedClaims.claim({
    id,
    claim: () => leaseBatch(deps.db, id, leaseMs),
    end: (runs) => endUnleasableBatch({ db: deps.db, log }, id, runs),
    log,
  });
  if (leased.status === 'ended') return { status: 'done' };
  if (leased.status === 'refused') return leased;
  if (leased.value === undefined) return { status: 'busy' };
  await runLeased({ ...deps, log }, id, leased.value);
  return { status: 'done' };
}

async function runLeased(deps: BatchWorkDeps, id: string, no: number): Promise<void> {
  const { log } = deps;
  const { leaseMs } = deps.config;
  // The lease only saves work: without it, several workers might read the same file at once.
  const extend = () =>
    extendLease(deps.db, id, no, leaseMs).catch((err: unknown) =>
      log.warn({ err }, 'could not extend the lease of a batch'),
    );
  const beat = setInterval(() => void extend(), leaseMs / 3);
  const giveBack = (): Promise<void> => {
    clearInterval(beat);
    return extendLease(deps.db, id, no, null);
  };
  try {
    await takeSteps(deps, id);
  } catch (error) {
    if (isUnavailable(error) && !isStatementTimeout(error)) {
      await giveBack();
      throw error;
    }
    clearInterval(beat);
    log.error({ err: error }, 'a step of a batch failed; it is taken again after a pause');
    await recordFailedRun(
      deps.db,
      { id, no },
      {
        pauseMs: isStatementTimeout(error) ? timedOutRunPauseMs : failedRunPauseMs,
        longestMs: longestFailedRunPauseMs,
        last: maxFailedRuns,
      },
    );
    return;
  }
  await giveBack();
}

async function takeSteps(deps: BatchWorkDeps, id: string): Promise<void> {
  for (;;) {
    const batch = await findBatchById(deps.db, id);
    if (batch === undefined || deps.stopping.aborted) return;
    if (await endFailingBatch(deps, batch)) continue;
    const watch = watchBatch(deps, batch);
    try {
      if (!(await takeStep({ ...deps, interrupted: watch.interrupted }, batch))) return;
    } catch (error) {
      // The loop reads the new state of the batch, and returns if the process stops.
      if (!watch.interrupted.aborted) throw error;
    } finally {
      watch.end();
    }
    if (batch.failed_runs + batch.lost_workers > 0) await forgetFailedRuns(deps.db, id);
  }
}

/** Takes one step. False if there is nothing to do until the state of the batch changes. */
async function takeStep(deps: StepDeps, batch: BatchRow): Promise<boolean> {
  switch (batch.status) {
    case 'validating':
      return batch.paused_at === null && validateInput(deps, batch);
    case 'in_progress':
      if (batch.moving !== null) return moveJobs(deps, batch, batch.moving);
      if (batch.changes.length > 0) return giveChanges(deps, batch);
      if (batch.retrying_since !== null) return retryJobs(deps, batch, batch.retrying_since);
      if (batch.ingested_row < (batch.last_row ?? 0))
        return batch.paused_at === null && ingestRows(deps, batch);
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
  deps.dispatcher.wakeAll(); // jobs became startable, or their dispatch slots became free
  if (moved < jobsAtATime) await endMoving(deps.db, batch.id, moving);
  return true;
}

async function giveChanges(deps: BatchWorkDeps, batch: BatchRow): Promise<boolean> {
  await applyChanges(deps.db, batch.id, jobsAtATime, competingRoutes(deps.routes));
  deps.dispatcher.wakeAll(); // the windows may have room, and another order
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

/** Executing jobs are paid for, so they finish. The batch is cancelled when no job is open. */
async function cancelJobs(deps: BatchWorkDeps, batch: BatchRow): Promise<boolean> {
  if ((await cancelChunk(deps.db, batch.id, jobsAtATime)) > 0) return true;
  await requestStops(deps.db, batch.id);
  // The call of a parked job may not be settled. Its next claim settles it, so unpark the job.
  while (
    (await unparkChunk(deps.db, batch.id, jobsAtATime, competingRoutes(deps.routes))) ===
    jobsAtATime
  );
  deps.dispatcher.wakeAll();
  if ((await countOpen(deps.db, batch.id)) > 0) return false;
  // Read the batch again: its counts may have changed since.
  const ended = await findBatchById(deps.db, batch.id);
  if (ended?.status !== 'cancelling') return true;
  return finishBatchFiles(deps, ended, ended.given_up ? 'failed' : 'cancelled');
}
