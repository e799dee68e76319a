/**
 * Ends a batch of which one step always stops with an error in Kiln: for instance a file that
 * cannot be read, or an output file that cannot be written. Without an end, the step would be taken
 * again for ever. Jobs that wait are cancelled, calls under way finish, and pictures stay.
 */
import type { BatchStatus } from '../../../domain/batch-state.ts';
import { maxFailedRuns, maxLostWorkers } from '../../../domain/retry-policy.ts';
import type { FaultCode } from '../../../provider/faults/fault-codes.ts';
import {
  findFailingBatch,
  type BatchRow,
  type FailingBatch,
} from '../../../records/batches/batches.ts';
import { failBatch, giveUpBatch } from '../../../records/batches/batch-transitions.ts';
import type { BatchErrors } from '../../../schemas/batch.ts';
import type { BatchWorkDeps } from './batch-work.ts';

/** False for a batch whose next step may be taken. */
export async function endFailingBatch(
  { db, log }: Pick<BatchWorkDeps, 'db' | 'log'>,
  batch: BatchRow,
): Promise<boolean> {
  const { failed_runs: runs, lost_workers: lost } = batch;
  if (runs < maxFailedRuns && lost < maxLostWorkers) return false;
  return end({ db, log }, batch);
}

/** Ends a batch, or the step that it is at, because no worker can lease it. */
export async function endUnleasableBatch(
  deps: Pick<BatchWorkDeps, 'db' | 'log'>,
  id: string,
  runs: number,
): Promise<void> {
  const batch = await findFailingBatch(deps.db, id);
  if (batch !== undefined) await end(deps, { ...batch, failed_runs: runs });
}

async function end(
  { db, log }: Pick<BatchWorkDeps, 'db' | 'log'>,
  batch: FailingBatch,
): Promise<boolean> {
  const { id, status, failed_runs: runs, lost_workers: lost } = batch;
  const errors = addReason(batch);
  const isEnded =
    status === 'in_progress' ? await giveUpBatch(db, id, errors) : await failBatch(db, id, errors);
  if (isEnded)
    log.error({ status, runs, lost }, 'the batch fails: each run of a step ended with an error');
  return isEnded;
}

const steps: Partial<Record<BatchStatus, { step: string; advice: string }>> = {
  validating: {
    step: 'Reading the file',
    advice: 'nothing was spent. Change the file, or create the batch again',
  },
  in_progress: {
    step: 'Turning the rows into jobs',
    advice: 'rows that had not started are cancelled. Put those into another file',
  },
  cancelling: {
    step: 'Cancelling the batch',
    advice: 'it has no output files. Read the jobs of the batch; their pictures are kept',
  },
  finalizing: {
    step: 'Writing the output files',
    advice: 'read the jobs of the batch instead; their pictures are kept',
  },
};

function addReason({
  status,
  failed_runs: runs,
  errors,
}: Pick<BatchRow, 'status' | 'failed_runs' | 'errors'>): BatchErrors {
  const { step = 'The batch', advice = '' } = steps[status] ?? {};
  const cause =
    runs < maxFailedRuns
      ? `lost its worker ${maxLostWorkers} times`
      : `ended with an error in Kiln ${runs} times; the worker's log has it`;
  const problem = {
    code: 'run_failed' satisfies FaultCode,
    line: null,
    message: `${step} ${cause}; ${advice}`,
    param: null,
  };
  return { data: [problem, ...(errors?.data ?? [])], total: (errors?.total ?? 0) + 1 };
}
