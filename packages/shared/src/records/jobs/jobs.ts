/**
 * Rows of jobs: find, list and cancel. `job-intake.ts` creates them, `delete-job.ts` deletes them;
 * `claims.ts` and `settlements.ts` hold what workers do.
 */
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { StartWeight } from '../../domain/quota.ts';
import { waitingJobStatuses, type JobStatus } from '../../domain/job-state.ts';
import { literals } from '../database/literals.ts';
import { answerColumns, listColumns } from '../database/job-columns.ts';
import { writeEvents } from '../events/write-events.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import type { CompositeRow } from '../images/composites.ts';

export type JobRow = Selectable<Schema['kiln.jobs']>;
export type ImageRow = Selectable<Schema['kiln.images']>;
/** `composite`: null while it is pending, and where it was not asked for. */
export type ShownImageRow = ImageRow & { composite: CompositeRow | null };

/** What the job's start takes from a pool's quota; tokens that were not estimated count as none. */
export function weightOf(job: Pick<JobRow, 'n' | 'tokens_estimated'>): StartWeight {
  return { images: job.n, tokens: job.tokens_estimated ?? 0 };
}

/** Also finds a job that was deleted: `deleted_at` says when. */
export function findJob(db: Database, projectId: string, id: string): Promise<JobRow | undefined> {
  return db
    .selectFrom('kiln.jobs')
    .select(answerColumns)
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export interface JobFilter {
  status?: JobStatus | undefined;
  batch_id?: string | undefined;
  model?: string | undefined;
  error_code?: string | undefined;
  custom_id?: string | undefined;
  /** Unix seconds. */
  created_after?: number | undefined;
  created_before?: number | undefined;
  after?: string | undefined;
  limit: number;
}

/** Newest first. Returns one row more than `limit` if there are more. */
export function listJobs(db: Database, projectId: string, filter: JobFilter): Promise<JobRow[]> {
  return db
    .selectFrom('kiln.jobs')
    .select(listColumns)
    .where(passes(projectId, filter))
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
    .execute();
}

/** The condition of a filter, without its limit. `search-jobs.ts` searches in the prompts. */
export function passes(projectId: string, filter: JobFilter): RawBuilder<boolean> {
  const conditions = [sql`project_id = ${projectId}`, sql`deleted_at is null`];
  if (filter.status !== undefined) conditions.push(sql`status = ${filter.status}`);
  if (filter.batch_id !== undefined) conditions.push(sql`batch_id = ${filter.batch_id}`);
  if (filter.model !== undefined) conditions.push(sql`model = ${filter.model}`);
  // The conditions name the predicates of their indexes, which are partial.
  if (filter.error_code !== undefined)
    conditions.push(sql`error is not null and error ->> 'code' = ${filter.error_code}`);
  if (filter.custom_id !== undefined)
    conditions.push(sql`custom_id is not null and custom_id = ${filter.custom_id}`);
  if (filter.created_after !== undefined)
    conditions.push(sql`id >= ${idAt(filter.created_after + 1)}`);
  if (filter.created_before !== undefined)
    conditions.push(sql`id < ${idAt(filter.created_before)}`);
  if (filter.after !== undefined) conditions.push(sql`id < ${filter.after}`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** The first id that a second can have. Ids sort by the time in them. */
export function idAt(seconds: number): string {
  return `job_${(seconds * 1000).toString(16).padStart(12, '0')}`;
}

export function imagesOf(db: Database, jobIds: readonly string[]): Promise<ShownImageRow[]> {
  if (jobIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('kiln.images')
    .selectAll()
    .select(compositeOfImage.as('composite'))
    .where('job_id', 'in', jobIds)
    .orderBy('job_id')
    .orderBy('index')
    .execute();
}

const compositeOfImage = sql<CompositeRow | null>`(
  select to_jsonb(c) from kiln.composites c
  where c.job_id = images.job_id and c.index = images.index and c.status <> 'pending')`;

/** Keeps the checksum of a picture that an earlier release stored without one. */
export async function keepCrc32(
  db: Database,
  { job_id: jobId, index, object_key: objectKey }: ImageRow,
  crc32: number,
): Promise<void> {
  await db
    .updateTable('kiln.images')
    .set({ crc32 })
    .where('job_id', '=', jobId)
    .where('index', '=', index)
    .where('object_key', '=', objectKey)
    .execute();
}

/**
 * Cancels a job that waits. The present call of a job that executes becomes its last one. Returns
 * the job after that, unchanged if it had ended; undefined if there is none. A cancel by force is
 * `endJob` (`end-job.ts`).
 */
export async function cancelJob(
  db: Database,
  projectId: string,
  id: string,
): Promise<JobRow | undefined> {
  // A job with an unsettled call waits for its next claim, which checks whether that call was
  // answered.
  const waits = sql`(status in (${waitingStatuses}) and not exists (
    select from kiln.attempts a where a.job_id = jobs.id and a.status = 'in_flight'))`;
  // One update for both cases: a worker may claim the job at this moment, and the first of the two
  // decides.
  await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
        status = case when ${waits} then 'cancelled' else status end,
        finished_at = case when ${waits} then clock_timestamp() end
      where project_id = ${projectId} and id = ${id} and (status = 'in_progress'
        or status in (${waitingStatuses}))
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.cancelled', sql`status = 'cancelled'`)})
    select id from job`,
  );
  return findJob(db, projectId, id);
}

const waitingStatuses = literals(waitingJobStatuses);

export function findImage(
  db: Database,
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageRow | undefined> {
  return db
    .selectFrom('kiln.images')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('job_id', '=', jobId)
    .where('index', '=', index)
    .executeTakeFirst();
}
