/** `PATCH /v1/jobs/{id}`: changes the metadata of a job, and its priority while it waits. */
import { KilnError } from '../../errors.ts';
import { changeJob } from '../../records/queue/change-job.ts';
import type { Job } from '../../schemas/job.ts';
import type { JobChangeRequest } from '../../schemas/jobs/job-change.ts';
import type { Caller } from '../caller.ts';
import { wakePoolsOf } from '../dispatch/wake-pools.ts';
import { requireJob } from '../require-job.ts';
import type { JobDeps } from './job-deps.ts';
import { readJob } from './jobs.ts';

/**
 * All of it is changed, or nothing. Throws `job_not_found`, and `job_not_waiting` for the
 * priority of a job that has started or ended.
 */
export async function updateJob(
  deps: JobDeps,
  caller: Caller,
  id: string,
  { metadata, priority }: JobChangeRequest,
): Promise<Job> {
  const isChanged = await changeJob(
    deps.db,
    caller.projectId,
    id,
    {
      ...(metadata !== undefined && { metadata }),
      ...(priority !== undefined && { priority: priority === 'interactive' ? 0 : 1 }),
    },
    deps.routes,
  );
  const row = await requireJob(deps.db, caller.projectId, id);
  if (!isChanged) {
    throw new KilnError(
      'job_not_waiting',
      `priority: ${id} does not wait any more: its status is ${row.status}`,
      { param: 'priority' },
    );
  }
  if (priority !== undefined) wakePoolsOf(deps, row);
  return readJob(deps, caller, id);
}
