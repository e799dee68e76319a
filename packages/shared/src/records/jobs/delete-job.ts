/**
 * Deletes a job: what it asked for and what was made. Its row stays without them, because the
 * ledger of its calls refers to it, a late answer still adds its cost, and its batch counts it.
 */
import { sql } from 'kysely';
import { isTerminal, type JobStatus } from '../../domain/job-state.ts';
import type { Database } from '../database/open-records.ts';
import { transactionWithEvents, writeEvents } from '../events/write-events.ts';

export type JobDeletion =
  /** `objectKeys`: the pictures, whose objects the caller deletes. */
  | { status: 'deleted'; route: string; objectKeys: string[] }
  | { status: 'deleted_before' }
  /** A call is under way, or its outcome is not recorded yet. */
  | { status: 'in_progress'; jobStatus: JobStatus }
  | { status: 'not_found' };

/** A job that waits is cancelled first, with its event, so that it does not start. */
export async function deleteJob(db: Database, projectId: string, id: string): Promise<JobDeletion> {
  return transactionWithEvents(db, async (transaction): Promise<JobDeletion> => {
    // The lock comes first: the next statements then see every attempt that was opened before.
    const { rows } = await sql<{ status: JobStatus; route: string; isDeleted: boolean }>`
      select status, route, deleted_at is not null as "isDeleted" from kiln.jobs
      where project_id = ${projectId} and id = ${id} for update`.execute(transaction);
    const [job] = rows;
    if (job === undefined) return { status: 'not_found' };
    if (job.isDeleted) return { status: 'deleted_before' };
    if (job.status === 'in_progress' || (await hasOpenCall(transaction, id)))
      return { status: 'in_progress', jobStatus: job.status };
    if (!isTerminal(job.status)) await cancel(transaction, id);
    const images = await sql<{ key: string }>`
      delete from kiln.images where job_id = ${id} returning object_key as key`.execute(
      transaction,
    );
    await empty(transaction, id);
    return { status: 'deleted', route: job.route, objectKeys: images.rows.map(({ key }) => key) };
  });
}

/** Clears the row, and reports it: programs that have read the job must learn that it is gone. */
async function empty(db: Database, id: string): Promise<void> {
  await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set deleted_at = clock_timestamp(), request = '{"prompt": ""}',
        source_file_ids = null, chosen = null, metadata = '{}', warnings = '[]', error = null,
        filename = null,
        results_deleted_at = case when status = 'succeeded'
          then coalesce(results_deleted_at, clock_timestamp()) end
      where id = ${id} returning id, project_id, batch_id, status
    ), event as (${insert.job('job.deleted')})
    select id from job`,
  );
}

async function hasOpenCall(db: Database, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.attempts where job_id = ${id} and status = 'in_flight'`.execute(db);
  return rows.length > 0;
}

async function cancel(db: Database, id: string): Promise<void> {
  await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set status = 'cancelled', finished_at = clock_timestamp(),
        cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
      where id = ${id} returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled')})
    select id from job`,
  );
}
