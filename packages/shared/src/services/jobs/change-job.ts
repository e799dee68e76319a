/** `PATCH /v1/jobs/{id}`: changes the metadata of a job, and while it waits when it starts. */
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
 * priority or position of a job that has started or ended, and for the position while its batch is
 * paused.
 */
export async function updateJob(
  deps: JobDeps,
  caller: Caller,
  id: string,
  { metadata, priority, position }: JobChangeRequest,
): Promise<Job> {
  const isChanged = await changeJob(
    deps.db,
    caller.projectId,
    id,
    {
      ...(metadata !== undefined && { metadata }),
      ...(priority !== undefined && { priority: priority === 'interactive' ? 0 : 1 }),
      runsNext: position === 'next',
    },
    deps.routes,
  );
  const row = await requireJob(deps.db, caller.projectId, id);
  if (!isChanged) {
    const param = position === undefined ? 'priority' : 'position';
    const message =
      row.status === 'queued' && row.parked
        ? `${param}: the batch of ${id} is paused; resume it first`
        : `${param}: ${id} does not wait any more: its status is ${row.status}`;
    throw new KilnError('job_not_waiting', message, { param });
  }
  if (priority !== undefined || position !== undefined) wakePoolsOf(deps, row);
  return readJob(deps, caller, id);
}
