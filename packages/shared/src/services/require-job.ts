/** Finds a job for an answer. A deleted job has none: only its calls and costs are left. */
import { KilnError } from '../errors.ts';
import type { Database } from '../records/database/open-records.ts';
import { findJob, type JobRow } from '../records/jobs/jobs.ts';
import { findOrRefuse } from './find-or-refuse.ts';

/** Throws `job_not_found`, which says so if the job was deleted. */
export async function requireJob(db: Database, projectId: string, id: string): Promise<JobRow> {
  return refuseDeleted(await findOrRefuse('job', id, findJob(db, projectId, id)));
}

export function refuseDeleted(row: JobRow): JobRow {
  if (row.deleted_at === null) return row;
  throw new KilnError('job_not_found', describeDeletion(row.id, row.deleted_at), { param: 'id' });
}

export function describeDeletion(id: string, deletedAt: Date): string {
  return (
    `${id} was deleted at ${deletedAt.toISOString()}, with its pictures; its calls and what they ` +
    `cost stay in GET /v1/jobs/${id}/attempts`
  );
}
