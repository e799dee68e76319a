/**
 * Statements that move the jobs of a batch, about a thousand at a time. Each can be repeated after
 * a failure. `batch-rows.ts` writes the jobs.
 */
import { sql } from 'kysely';
import {
  openJobStatuses,
  waitingJobStatuses,
  type JobStatusBefore,
} from '../../domain/job-state.ts';
import type { RowProblem } from '../../schemas/batch.ts';
import { literals } from '../database/literals.ts';
import { writeEvents } from '../events/write-events.ts';
import { isAskedToRunNext, placesOf, tagOfRow } from '../jobs/fair-tags.ts';
import { priorityOfBatch } from './batches.ts';
import { listColumns, manifestColumns } from '../database/job-columns.ts';
import type { JobRow } from '../jobs/jobs.ts';
import type { Database } from '../database/open-records.ts';

export interface InvalidRow {
  row_number: number;
  custom_id: string | null;
  problems: RowProblem[];
}

/**
 * Cancels up to `limit` waiting jobs of a batch, and returns how many. A job with an unsettled call
 * stays: its next claim looks for the answer.
 */
export async function cancelChunk(db: Database, batchId: string, limit: number): Promise<number> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set status = 'cancelled', finished_at = clock_timestamp(),
        cancel_requested_at = clock_timestamp()
      where id = any(array(
        select id from kiln.jobs where batch_id = ${batchId}
          and status in (${literals(waitingJobStatuses)})
          and 'in_flight' <> all(array(select a.status from kiln.attempts a
            where a.job_id = jobs.id))
        limit ${limit}::int for update skip locked))
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled')})
    select id from job`,
  );
  return rows.length;
}

/**
 * Makes the present call of each executing job its last: a job that would be retried is cancelled
 * instead.
 */
export async function requestStops(db: Database, batchId: string): Promise<void> {
  await sql`
    update kiln.jobs set cancel_requested_at = clock_timestamp()
    where batch_id = ${batchId} and status = 'in_progress' and cancel_requested_at is null`.execute(
    db,
  );
}

/** Counts the jobs of the batch that have not ended. */
export async function countOpen(db: Database, batchId: string): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*)::int as open from kiln.jobs where batch_id = ${batchId}
      and status in (${literals(openJobStatuses)})`.execute(db);
  return rows[0]?.open ?? 0;
}

/**
 * Takes up to `limit` waiting jobs of a paused batch out of the order of dispatch, and returns how
 * many.
 */
export async function parkChunk(db: Database, batchId: string, limit: number): Promise<number> {
  const result = await sql`
    update kiln.jobs set parked = true, dispatched_at = null
    where id = any(array(
      select id from kiln.jobs where batch_id = ${batchId} and status = 'queued' and not parked
        limit ${limit}::int for update skip locked))`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Lets up to `limit` parked jobs wait again, in their order and as if they were new, and returns
 * how many. A batch that runs next, and a job that does, still do.
 */
export async function unparkChunk(
  db: Database,
  batchId: string,
  limit: number,
  competing: string,
): Promise<number> {
  const result = await sql`
    with back as (
      select id, route, priority, coalesce(batch_id, project_id) as flow, row_number from kiln.jobs
      where batch_id = ${batchId} and parked and status = 'queued'
        order by row_number limit ${limit}::int for update skip locked
    ), ${placesOf(competing)}
    update kiln.jobs set parked = false, fair_tag = case when ${isAskedToRunNext}
      then jobs.fair_tag
      else coalesce(${tagOfRow(sql`batches`, sql`row_number`)}, placed.fair_tag) end
    from placed, kiln.batches where jobs.id = placed.id and batches.id = ${batchId}`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/** Cancelled jobs stay cancelled: a person decided about them. */
const retriedWithBatch: readonly JobStatusBefore<'queued'>[] = ['failed', 'expired'];

/**
 * Queues up to `limit` jobs of a batch again, with the priority that the batch has now, that had
 * failed or expired by `since` and were not deleted, and returns how many.
 */
export async function requeueFailed(
  db: Database,
  batchId: string,
  since: Date,
  limit: number,
  competing: string,
): Promise<number> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with back as (
      select id, route, (select ${priorityOfBatch} from kiln.batches
          where batches.id = batch_id) as priority,
        (select ${tagOfRow(sql`batches`, sql`row_number`)} from kiln.batches
          where batches.id = batch_id) as row_tag,
        coalesce(batch_id, project_id) as flow, row_number
      from kiln.jobs
      where batch_id = ${batchId} and status in (${literals(retriedWithBatch)})
        and finished_at <= ${since}::timestamptz and deleted_at is null
      order by row_number limit ${limit}::int for update skip locked
    ), ${placesOf(competing)}, job as (
      update kiln.jobs set status = 'queued', error = null, finished_at = null,
        available_at = clock_timestamp(), fair_tag = coalesce(row_tag, placed.fair_tag),
        priority = back.priority,
        dispatched_at = null, cancel_requested_at = null, cancel_forced = false, crashes = 0,
          failed_runs = 0, expires_at = null,
        retried_after_no = coalesce((select max(no) from kiln.attempts a where a.job_id = jobs.id),
          0)
      from placed join back using (id) where jobs.id = placed.id
      returning jobs.id, project_id, batch_id, status
    ), event as (${insert.job('job.retrying')})
    select 1 from job`,
  );
  return rows.length;
}

/** Whether a job of the batch was deleted. */
export async function hasDeletedJobs(db: Database, batchId: string): Promise<boolean> {
  const { rows } = await sql`
    select from kiln.jobs where batch_id = ${batchId} and deleted_at is not null limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** The job of the batch that will start last. Undefined if none waits. */
export function lastWaiting(db: Database, batchId: string): Promise<JobRow | undefined> {
  return db
    .selectFrom('kiln.jobs')
    .select(listColumns)
    .where('batch_id', '=', batchId)
    .where('status', '=', 'queued')
    .orderBy('row_number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The model of the last row that is a job. */
export async function findLastModel(db: Database, batchId: string): Promise<string | undefined> {
  const job = await db
    .selectFrom('kiln.jobs')
    .select('model')
    .where('batch_id', '=', batchId)
    .orderBy('row_number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return job?.model;
}

/** Up to `limit` jobs of the batch after the row `after`, in the order of their rows. */
export function jobsByRow(
  db: Database,
  batchId: string,
  after: number,
  limit: number,
): Promise<JobRow[]> {
  return db
    .selectFrom('kiln.jobs')
    .select(manifestColumns)
    .where('batch_id', '=', batchId)
    .where('row_number', '>', after)
    .orderBy('row_number')
    .limit(limit)
    .execute();
}

/** The bytes of all pictures of a batch together, without those in the trash. */
export async function sumImageBytes(db: Database, batchId: string): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(images.bytes), 0)::bigint as bytes from kiln.jobs
      join kiln.images on images.job_id = jobs.id
    where jobs.batch_id = ${batchId} and images.trashed_at is null`.execute(db);
  return rows[0]?.bytes ?? 0;
}

export function invalidByRow(
  db: Database,
  batchId: string,
  after: number,
  limit: number,
): Promise<InvalidRow[]> {
  return db
    .selectFrom('kiln.invalid_rows')
    .select(['row_number', 'custom_id', 'problems'])
    .where('batch_id', '=', batchId)
    .where('row_number', '>', after)
    .orderBy('row_number')
    .limit(limit)
    .execute();
}

/** Why a row has no picture. */
export interface RowFailure {
  row_number: number;
  code: string;
  message: string;
}

/**
 * Up to `limit` rows of the batch after the row `after` that failed, expired or were refused, in
 * their order. Deleted jobs are left out: they are not to be uploaded again.
 */
export async function failuresByRow(
  db: Database,
  batchId: string,
  after: number,
  limit: number,
): Promise<RowFailure[]> {
  const { rows } = await sql<RowFailure>`
    (select row_number, coalesce(error->>'code', 'batch_expired') as code,
      coalesce(error->>'message', 'not executed before the deadline of the batch') as message
      from kiln.jobs where batch_id = ${batchId} and row_number > ${after}::int
        and status in ('failed', 'expired') and deleted_at is null
      order by row_number limit ${limit}::int)
    union all
    (select row_number, problems->0->>'code', (select string_agg(problem->>'message', '; ')
      from jsonb_array_elements(problems) as problem)
      from kiln.invalid_rows where batch_id = ${batchId} and row_number > ${after}::int
      order by row_number limit ${limit}::int)
    order by row_number limit ${limit}::int`.execute(db);
  return rows;
}
