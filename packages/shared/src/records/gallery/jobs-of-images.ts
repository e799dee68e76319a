/** The jobs of images, as a manifest shows them. */
import type { Database } from '../database/open-records.ts';
import { manifestColumns } from '../database/job-columns.ts';
import type { JobRow } from '../jobs/jobs.ts';

export function findJobsOf(db: Database, ids: readonly string[]): Promise<JobRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db.selectFrom('kiln.jobs').select(manifestColumns).where('id', 'in', ids).execute();
}
