/**
 * Ends a job whose runs always stop with an error in Kiln: for instance a result that the database
 * refuses in any form, or a picture that cannot be read again. Without an end, it would run every
 * few seconds for ever. What its calls may have cost counts as at risk, and the last error is in
 * the log.
 */
import { maxFailedRuns } from '../../domain/retry-policy.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import type { Logger } from '../../logger.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { endJob, findProjectOf } from '../../records/jobs/end-job.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';

/** Returns null for a job that may run. */
export async function endFailingJob(
  deps: RunDeps,
  { job, log }: ClaimedJob,
): Promise<RunOutcome | null> {
  if (job.failed_runs < maxFailedRuns) return null;
  await failJob(deps, { projectId: job.project_id, id: job.id }, job.failed_runs, log);
  return { status: 'done' };
}

/** Ends a job that no worker can claim. */
export async function endUnclaimableJob(
  deps: RunDeps,
  jobId: string,
  runs: number,
  log: Logger,
): Promise<void> {
  const projectId = await findProjectOf(deps.db, jobId);
  if (projectId !== undefined) await failJob(deps, { projectId, id: jobId }, runs, log);
}

async function failJob(
  deps: RunDeps,
  job: { projectId: string; id: string },
  runs: number,
  log: Logger,
): Promise<void> {
  const error = {
    code: 'run_failed' satisfies FaultCode,
    message: `Each of ${runs} runs ended with an error in Kiln; the worker's log has it`,
    param: null,
    moderation: null,
  };
  await retryWhileUnavailable(
    () => endJob(deps.db, job, { status: 'failed', error }),
    withoutLimit('end', log),
  );
  log.error({ runs }, 'the job failed: each of its runs ended with an error');
}
