/** Expires jobs that waited past their deadline. */
import { sql } from 'kysely';
import { jobStatusesBefore } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import { writeEvents } from '../events/write-events.ts';
import type { Database } from '../database/open-records.ts';

const waiting = literals(jobStatusesBefore('expired'));

const isDue = (except: readonly string[]) =>
  sql`status in (${waiting}) and expires_at <= now() and id <> all(${[...except]}::text[])`;

/**
 * Expires up to `limit` jobs that are due, and returns how many. Jobs that are being claimed or
 * cancelled at this moment are skipped. An executing job goes on, because it is paid for. A job
 * with an unsettled call waits for the claim that looks for the answer.
 */
export async function expireJobs(
  db: Database,
  limit: number,
  except: readonly string[] = [],
): Promise<number> {
  // Use arrays instead of joins: the planner does not know how few rows these are, and would read
  // whole tables.
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set status = 'expired', finished_at = clock_timestamp()
      where id = any(array(
        select id from kiln.jobs where ${isDue(except)}
          and 'in_flight' <> all(array(select a.status from kiln.attempts a
            where a.job_id = jobs.id))
        order by expires_at limit ${limit}::int for update skip locked))
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.expired')})
    select id from job`,
  );
  return rows.length;
}

/** The job that `expireJobs` would take first. */
export async function findDueJob(
  db: Database,
  except: readonly string[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from kiln.jobs where ${isDue(except)}
      and 'in_flight' <> all(array(select a.status from kiln.attempts a where a.job_id = jobs.id))
    order by expires_at limit 1`.execute(db);
  return rows[0]?.id;
}
