/**
 * Expires the jobs that waited past their deadline. A job that the database refuses to change does
 * not keep the others from expiring: it is logged and left to the next run.
 */
import { expireJobs, findDueJob } from '../../records/jobs/expiry.ts';
import { isUnavailable } from '../retry-limits.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

const jobsPerStatement = 1_000;
/** The records themselves are the cause where so many jobs are refused. */
const mostRefused = 100;

/** Returns how many jobs expired. */
export async function expireAll({ db, log, stopping }: MaintenanceDeps): Promise<number> {
  let expired = 0;
  let limit = jobsPerStatement;
  const refused: string[] = [];
  while (!stopping.aborted) {
    try {
      const count = await expireJobs(db, limit, refused);
      expired += count;
      if (count < limit) break;
    } catch (err) {
      if (isUnavailable(err) || refused.length >= mostRefused) throw err;
      if (limit > 1) {
        limit = 1; // finds the job that is refused
        continue;
      }
      const jobId = await findDueJob(db, refused);
      if (jobId === undefined) throw err;
      log.error({ err, jobId }, 'a job could not be expired; the next run tries again');
      refused.push(jobId);
      limit = jobsPerStatement;
    }
  }
  return expired;
}
