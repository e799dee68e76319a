/**
 * Ends a job at once, whatever its worker does: for a cancel by force, and for a job whose runs
 * always fail. Nothing is waited for: the worker may be dead, and its call may go on.
 *
 * Money: the outcome of an open call becomes unknown, and its estimated cost counts as at risk. If
 * its worker still settles it, or its answer is found in a spool, the ledger gets the outcome and
 * the cost, and the risk is gone; the job stays ended (`settlements.ts`).
 */
import { sql } from 'kysely';
import { jobStatusesBefore, type JobStatus } from '../../domain/job-state.ts';
import type { JobError } from '../../schemas/job.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { transactionWithEvents, writeEvents } from '../events/write-events.ts';
import { sumsOfAllAttempts } from './ledger-sums.ts';

/** Announces the id of a job that was cancelled by force, so that its worker aborts the call. */
export const cancelChannel = 'kiln_cancel';

export interface JobEnd {
  status: Extract<JobStatus, 'cancelled' | 'failed'>;
  /** Explains the end of the open calls, if there are any, and that of a failed job. */
  error: JobError;
}

/** False if the job had ended already, or does not exist. */
export async function endJob(
  db: Database,
  { projectId, id }: { projectId: string; id: string },
  { status, error }: JobEnd,
): Promise<boolean> {
  const json = toStorableJson(error);
  return transactionWithEvents(db, async (transaction) => {
    // The lock comes first: the next statement then sees every attempt that was opened before.
    const { rows } = await sql<{ status: JobStatus }>`select status from kiln.jobs
      where project_id = ${projectId} and id = ${id}
        and status in (${literals(jobStatusesBefore(status))})
      for update`.execute(transaction);
    const [before] = rows;
    if (before === undefined) return false;
    const isAnnounced = before.status === 'in_progress' && status === 'cancelled';
    await writeEvents(
      transaction,
      (insert) => sql`
      with opened as (
        update kiln.attempts a set status = 'unknown', error = ${json}::jsonb,
          at_risk_micros = coalesce(j.cost_estimated_micros, 0), finished_at = clock_timestamp()
        from kiln.jobs j where j.id = ${id} and a.job_id = j.id and a.status = 'in_flight'
        returning a.job_id
      ), job as (
        update kiln.jobs set status = ${status}, finished_at = clock_timestamp(),
          cancel_requested_at = case when ${status} = 'cancelled'
            then coalesce(cancel_requested_at, clock_timestamp()) else cancel_requested_at end,
          cancel_forced = ${status} = 'cancelled',
          error = case when ${status} = 'failed' or exists (select from opened)
            then ${json}::jsonb else error end,
          lease_owner = null, lease_expires_at = null, ${sumsOfAllAttempts}
        where id = ${id}
        returning id, project_id, batch_id, status
      ), event as (${insert.job(sql`'job.' || status`)})
      select pg_notify(${cancelChannel}, id) from job where ${isAnnounced}::boolean`,
    );
    return true;
  });
}

/** The project of a job, of which nothing else is read. */
export async function findProjectOf(db: Database, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ project_id: string }>`
    select project_id from kiln.jobs where id = ${id}`.execute(db);
  return rows[0]?.project_id;
}
