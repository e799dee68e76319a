/**
 * Deletes the images, thumbnails, composites and previews of jobs that ended long ago; the jobs
 * stay, with their costs. Objects are deleted before records: a crash in between leaves records
 * without objects, which the next run deletes, but never an object without a record.
 */
import { forgetResults, listAgedResults, type AgedResult } from '../../records/files/retention.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import { inParallel } from '../in-parallel.ts';
import { folderOf } from '../files/object-keys.ts';
import { isUnavailable } from '../retry-limits.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

/** Each job has up to ten images. */
const jobsPerPage = 200;
const concurrency = 10;
/** The store itself is the cause where so many jobs keep an object. */
const mostKept = 1_000;

/**
 * Returns how many jobs lost their images. What could not be deleted is logged and left to the next
 * run.
 */
export async function deleteResults(
  { db, store, log, stopping }: MaintenanceDeps,
  keepDays: number,
): Promise<number> {
  let jobs = 0;
  /** Jobs of which an object could not be deleted. They do not hold up the jobs after them. */
  const kept: string[] = [];
  while (!stopping.aborted && kept.length < mostKept) {
    const due = await listAgedResults(db, keepDays, { limit: jobsPerPage, except: kept });
    const aged = await withCompanions(store, due);
    const failed = await deleteObjects(
      store,
      aged.flatMap(({ objectKeys }) => objectKeys),
    );
    const isKept = ({ objectKeys }: AgedResult) => objectKeys.some((key) => failed.has(key));
    const gone = aged.filter((each) => !isKept(each)).map(({ jobId }) => jobId);
    kept.push(...aged.filter(isKept).map(({ jobId }) => jobId));
    const { forgotten, refused } = await forgetEach(db, gone);
    jobs += forgotten;
    kept.push(...refused.keys());
    for (const [jobId, err] of refused)
      log.error({ err, jobId }, 'the record of expired results could not be deleted');
    const [failure] = failed;
    if (failure !== undefined) {
      const [objectKey, err] = failure;
      log.error(
        { err, objectKey, objects: failed.size },
        'expired results could not be deleted; the next run tries again',
      );
    }
    if (aged.length < jobsPerPage) break;
  }
  return jobs;
}

/** The records of the jobs together, or each by itself where the database refuses one of them. */
async function forgetEach(
  db: Database,
  jobIds: readonly string[],
): Promise<{ forgotten: number; refused: Map<string, unknown> }> {
  const refused = new Map<string, unknown>();
  try {
    return { forgotten: await forgetResults(db, jobIds), refused };
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
  let forgotten = 0;
  for (const jobId of jobIds) {
    try {
      forgotten += await forgetResults(db, [jobId]);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      refused.set(jobId, error);
    }
  }
  return { forgotten, refused };
}

/** Adds the keys of previews, thumbnails and composites, as the folders of the job list them. */
async function withCompanions(
  store: ObjectStore,
  aged: readonly AgedResult[],
): Promise<AgedResult[]> {
  const found: AgedResult[] = [];
  await inParallel(aged, concurrency, async ({ jobId, objectKeys }) => {
    const companions: string[] = [];
    for (const kind of ['previews', 'thumbnails', 'composites'] as const)
      for (const { key } of await store.list(folderOf(kind, jobId), { limit: 1_000 }))
        companions.push(key);
    found.push({ jobId, objectKeys: [...objectKeys, ...companions] });
  });
  return found;
}
