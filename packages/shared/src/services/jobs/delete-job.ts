/**
 * `DELETE /v1/jobs/{id}`: deletes the records of a job first, then its objects, so that no record
 * names an object that is gone. Garbage collection deletes objects that stayed behind.
 */
import { KilnError } from '../../errors.ts';
import { deleteJob } from '../../records/jobs/delete-job.ts';
import type { Caller } from '../caller.ts';
import { wakePoolsOf } from '../dispatch/wake-pools.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import { folderOf, type ObjectKind } from '../files/object-keys.ts';
import { notFound } from '../find-or-refuse.ts';
import type { JobDeps } from './job-deps.ts';

type DeletionDeps = Pick<JobDeps, 'db' | 'store' | 'routes' | 'dispatcher' | 'log'>;

const kinds: readonly ObjectKind[] = ['images', 'previews', 'thumbnails', 'composites'];
/** More than the answers and previews of a job can be. */
const maxObjects = 1_000;

/**
 * Deletes a job with its pictures; a job that waits is cancelled. The calls of the job stay in the
 * ledger, and its batch keeps counting it. Deleting it again changes nothing. Throws
 * `job_not_found`, or `job_not_deletable` while it is in progress.
 */
export async function removeJob(deps: DeletionDeps, caller: Caller, id: string): Promise<void> {
  const deletion = await deleteJob(deps.db, caller.projectId, id);
  switch (deletion.status) {
    case 'deleted':
      wakePoolsOf(deps, deletion); // its slot in the dispatch window may be free
      return discardObjects(deps, id, deletion.objectKeys);
    case 'deleted_before':
      return discardObjects(deps, id, []);
    case 'in_progress':
      throw new KilnError(
        'job_not_deletable',
        `${id} is ${deletion.jobStatus}, and the outcome of its call is not known yet; delete it ` +
          `when it has ended, or end it now with POST /v1/jobs/${id}/cancel and {"force": true}`,
        { param: 'id' },
      );
    case 'not_found':
      throw notFound('job', id);
  }
}

/** Also deletes previews, thumbnails and composites. */
async function discardObjects(
  { store, log }: DeletionDeps,
  jobId: string,
  recorded: readonly string[],
): Promise<void> {
  try {
    const listed = await Promise.all(
      kinds.map((kind) => store.list(folderOf(kind, jobId), { limit: maxObjects })),
    );
    const keys = new Set([...recorded, ...listed.flat().map(({ key }) => key)]);
    const [failure] = await deleteObjects(store, [...keys]);
    if (failure === undefined) return;
    const [objectKey, err] = failure;
    log.error({ err, jobId, objectKey }, left);
  } catch (err) {
    log.error({ err, jobId }, left);
  }
}

const left =
  'objects of a deleted job could not be deleted; deleting it again, or garbage collection, does';
