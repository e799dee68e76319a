/** The one way in which a worker returns a job that it has claimed and does not settle. */
import { retryWhileUnavailable } from '../../records/database/availability.ts';
import { releaseClaim, releaseFailedRun, withdrawClaim } from '../../records/jobs/claims.ts';
import { withdrawUnheard } from '../../records/jobs/settlements.ts';
import type { JobError } from '../../schemas/job.ts';
import { withoutLimit } from '../retry-limits.ts';
import type { ClaimedJob, RunDeps, RunOutcome } from './claimed-job.ts';

/**
 * Why a job is returned. It decides where the job waits:
 *
 * - `not_ready`: the job lacks its start, or another job is to be tried first. The work item stays
 *   in the queue engine and runs again after the delay.
 * - `store_away`, `spool_full`: like `not_ready`; the job's answer in the API says so.
 * - `pool_closed`: like `not_ready`. Resuming a pool dispatches again the jobs that wait for it. A
 *   job that is returned only now was not among them, so it runs at once if the pool is open again.
 * - `not_served`: no deployment may be called for the job: all are paused, or none is configured
 *   any more. It waits in the records to be dispatched again.
 * - `run_stopped`: the database, the store or a disk was unavailable, perhaps after a call; the
 *   next claim looks for the answer. The claim is released now, because one that lapses counts as
 *   the loss of this worker.
 * - `run_failed`: the same after any other error. The run is counted, and after a few the job ends.
 * - `unheard`: the database did not say whether the attempt was opened, and no call was made. An
 *   attempt that is there ends as refused, and the job waits to be dispatched again.
 */
export type ReturnReason =
  | 'not_ready'
  | 'store_away'
  | 'spool_full'
  | 'pool_closed'
  | 'not_served'
  | 'run_stopped'
  | 'run_failed'
  | { unheard: { attemptNo: number; error: JobError } };

/**
 * Returns what the queue engine does with the work item. If the claim was lost meanwhile, the job
 * belongs to another worker: nothing is changed and the work item is done.
 */
export async function returnJob(
  deps: RunDeps,
  { claim, job, log }: Pick<ClaimedJob, 'claim' | 'job' | 'log'>,
  reason: ReturnReason,
  delayMs = 0,
): Promise<RunOutcome> {
  log.debug({ reason, delayMs }, 'the job is returned');
  switch (reason) {
    case 'not_ready':
    case 'store_away':
    case 'spool_full':
      return (await releaseClaim(deps.db, claim, reason === 'not_ready' ? null : reason))
        ? { status: 'later', delayMs }
        : { status: 'done' };
    case 'pool_closed': {
      if (!(await releaseClaim(deps.db, claim))) return { status: 'done' };
      // If the database does not answer, the job runs again after the delay.
      const isClosed = await deps.guard.isClosed(job.pool).catch(() => true);
      return { status: 'later', delayMs: isClosed ? delayMs : 0 };
    }
    case 'not_served':
      await withdrawClaim(deps.db, claim);
      return { status: 'done' };
    case 'run_stopped':
    case 'run_failed':
      await (reason === 'run_failed' ? releaseFailedRun : releaseClaim)(deps.db, claim).catch(
        (err: unknown) =>
          log.warn({ err }, 'the claim of a failed run could not be released; it lapses'),
      );
      return { status: 'later', delayMs };
    default: {
      const { attemptNo, error } = reason.unheard;
      await retryWhileUnavailable(
        () => withdrawUnheard(deps.db, claim, attemptNo, error),
        withoutLimit('attempt', log),
      );
      deps.dispatcher.wake(job.pool);
      return { status: 'done' };
    }
  }
}
