/** Use cases that decide about a job: resolving a held one, retrying one that has ended. */
import { z } from 'zod';
import { KilnError } from '../../errors.ts';
import { failHeldJob, requeueJob } from '../../records/jobs/decisions.ts';
import type { Job } from '../../schemas/job.ts';
import { readJob } from './jobs.ts';
import type { Caller } from '../caller.ts';
import type { JobDeps } from './job-deps.ts';

export const resolveRequestSchema = z.strictObject({
  action: z.enum(['retry', 'fail']).meta({
    description: '`retry`: call again, which may pay for the picture twice. `fail`: give it up.',
  }),
});

/** Throws `job_not_found`, or `job_not_held`. */
export async function resolveJob(
  deps: JobDeps,
  caller: Caller,
  id: string,
  action: 'retry' | 'fail',
): Promise<Job> {
  const isDecided =
    action === 'retry'
      ? await requeueJob(deps.db, caller.projectId, id, ['held'], deps.routes)
      : await failHeldJob(deps.db, caller.projectId, id);
  const job = await readJob(deps, caller, id);
  if (!isDecided)
    throw new KilnError('job_not_held', `${id} is not held: its status is ${job.status}`);
  return wakeIfQueued(deps, job);
}

/** Queues a failed or cancelled job again. Throws `job_not_found`, or `job_not_retryable`. */
export async function retryJob(deps: JobDeps, caller: Caller, id: string): Promise<Job> {
  const isQueued = await requeueJob(
    deps.db,
    caller.projectId,
    id,
    ['failed', 'cancelled'],
    deps.routes,
  );
  const job = await readJob(deps, caller, id);
  if (!isQueued) {
    throw new KilnError(
      'job_not_retryable',
      `only a failed or cancelled job can be retried; the status of ${id} is ${job.status}`,
    );
  }
  return wakeIfQueued(deps, job);
}

function wakeIfQueued(deps: JobDeps, job: Job): Job {
  if (job.status === 'queued') deps.dispatcher.wakeAll();
  return job;
}
