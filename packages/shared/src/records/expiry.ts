/** Jobs that waited past their deadline. */
import { sql } from 'kysely';
import { statesBefore } from '../domain/job-state.ts';
import { insertJobEvent } from './events.ts';
import { jobEndedChannel } from './jobs.ts';
import type { Database } from './open-records.ts';

/** Literals and not a parameter: the planner must see that they are those of the partial index. */
const waiting = sql.join(statesBefore('expired').map((status) => sql.lit(status)));

/**
 * Expires up to `limit` jobs that are due; returns how many. A job that is being claimed or cancelled at this moment is left to that. One
 * that executes is not stopped: it is paid for.
 */
export async function expireJobs(db: Database, limit: number): Promise<number> {
  const { rows } = await sql`
    with due as (
      select id from kiln.jobs where status in (${waiting}) and expires_at <= now()
      order by expires_at limit ${limit}::int for update skip locked
    ), job as (
      update kiln.jobs set status = 'expired', finished_at = clock_timestamp()
      from due where jobs.id = due.id
      returning jobs.id, project_id, batch_id, status
    ), event as (${insertJobEvent('job.expired')})
    select pg_notify(${jobEndedChannel}, id) from job`.execute(db);
  return rows.length;
}
