/**
 * Ends a job whose runs always stop with an error in Kiln: for instance a result that the database
 * refuses in any form, or a picture that cannot be read again. Without an end, it would run every
 * few seconds for ever. What its calls may have cost counts as at risk, and the last error is in
 * the log.
 */
import { maxFailedRuns } from '../../domain/retry-policy.ts';
import type { FaultCode } from '../../provider/faults/fault-codes.ts';
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { endJob } from '../../records/jobs/end-job.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';

/** Returns null for a job that may run. */
export async function endFailingJob(
  deps: RunDeps,
  { job, log }: ClaimedJob,
): Promise<RunOutcome | null> {
  if (job.failed_runs < maxFailedRuns) return null;
  const error = {
    code: 'run_failed' satisfies FaultCode,
    message: `Each of ${job.failed_runs} runs ended with an error in Kiln; the worker's log has it`,
    param: null,
    moderation: null,
  };
  await retryWhileUnavailable(
    () => endJob(deps.db, { projectId: job.project_id, id: job.id }, { status: 'failed', error }),
    withoutLimit('end', log),
  );
  log.error({ runs: job.failed_runs }, 'the job failed: each of its runs ended with an error');
  return { status: 'done' };
}
