/** Jobs as rows: creating, reading, listing and cancelling them. What a worker does to a job is in `claims.ts` and `settlements.ts`. */
import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { statesBefore, type JobStatus } from '../domain/job-state.ts';
import type { Job } from '../schemas/job.ts';
import { insertJobEvent } from './events.ts';
import type { Database } from './open-records.ts';
import type { Schema } from './schema.ts';

export type JobRow = Selectable<Schema['kiln.jobs']>;
export type ImageRow = Selectable<Schema['kiln.images']>;

/** A request that came with an `Idempotency-Key`: who it is, and the answer to keep for its repetitions. */
export interface KeyedRequest {
  key: string;
  requestHash: string;
  answer: Job;
}

export type CreateOutcome =
  | { status: 'created' }
  | { status: 'replayed'; answer: Job }
  | { status: 'key_reused' }
  | { status: 'in_flight' };

/**
 * Inserts a queued job, its first event and, for a keyed request, the key with its answer: all or nothing, in one statement.
 * The advisory lock tells two requests with one key that run at the same time from one that repeats another.
 */
export async function createJob(db: Database, job: JobRow, keyed: KeyedRequest | null): Promise<CreateOutcome> {
  const values = sql`
    ${job.id}, ${job.project_id}, ${job.endpoint}, ${job.model}, ${job.deployment}, ${job.pool}, ${JSON.stringify(job.request)}::jsonb,
    ${JSON.stringify(job.metadata)}::jsonb, ${JSON.stringify(job.warnings)}::jsonb, ${job.priority}::smallint, ${job.max_attempts}::int,
    ${job.request_id}, ${job.cost_estimated_micros}::bigint, ${job.created_at}::timestamptz`;
  const insertJob = sql`
    insert into kiln.jobs (id, project_id, endpoint, model, deployment, pool, request, metadata, warnings, priority, max_attempts,
      request_id, cost_estimated_micros, created_at)`;
  if (keyed === null) {
    await sql`with job as (${insertJob} values (${values}) returning id, project_id, batch_id, status) ${insertJobEvent('job.created')}`.execute(db);
    return { status: 'created' };
  }
  const { rows } = await sql<{ created: boolean }>`
    with claimed as (
      insert into kiln.idempotency_keys (project_id, key, request_hash, response_status, response_body)
      select ${job.project_id}, ${keyed.key}, ${keyed.requestHash}, 202, ${JSON.stringify(keyed.answer)}::jsonb
      where pg_try_advisory_xact_lock(hashtextextended(${`${job.project_id} ${keyed.key}`}, 0))
      on conflict do nothing returning key
    ), job as (
      ${insertJob} select ${values} from claimed returning id, project_id, batch_id, status
    ), event as (${insertJobEvent('job.created')})
    select true as created from job`.execute(db);
  if (rows.length > 0) return { status: 'created' };

  const earlier = await db
    .selectFrom('kiln.idempotency_keys')
    .select(['request_hash', 'response_body'])
    .where('project_id', '=', job.project_id)
    .where('key', '=', keyed.key)
    .executeTakeFirst();
  if (earlier === undefined) return { status: 'in_flight' };
  if (earlier.request_hash !== keyed.requestHash) return { status: 'key_reused' };
  return { status: 'replayed', answer: earlier.response_body as Job };
}

export function findJob(db: Database, projectId: string, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('kiln.jobs').selectAll().where('project_id', '=', projectId).where('id', '=', id).executeTakeFirst();
}

export interface JobFilter {
  status?: JobStatus | undefined;
  batch_id?: string | undefined;
  model?: string | undefined;
  /** Text the prompt contains, case ignored. */
  q?: string | undefined;
  /** Unix seconds. */
  created_after?: number | undefined;
  created_before?: number | undefined;
  after?: string | undefined;
  limit: number;
}

/** Newest first; one row more than `limit` says that there are more. */
export function listJobs(db: Database, projectId: string, filter: JobFilter): Promise<JobRow[]> {
  let query = db.selectFrom('kiln.jobs').selectAll().where('project_id', '=', projectId).orderBy('id', 'desc').limit(filter.limit + 1);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.batch_id !== undefined) query = query.where('batch_id', '=', filter.batch_id);
  if (filter.model !== undefined) query = query.where('model', '=', filter.model);
  if (filter.q !== undefined) query = query.where(sql<boolean>`request->>'prompt' ilike ${`%${escapeLike(filter.q)}%`}`);
  if (filter.created_after !== undefined) query = query.where('created_at', '>', new Date(filter.created_after * 1000));
  if (filter.created_before !== undefined) query = query.where('created_at', '<', new Date(filter.created_before * 1000));
  if (filter.after !== undefined) query = query.where('id', '<', filter.after);
  return query.execute();
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}

export function imagesOf(db: Database, jobIds: readonly string[]): Promise<ImageRow[]> {
  if (jobIds.length === 0) return Promise.resolve([]);
  return db.selectFrom('kiln.images').selectAll().where('job_id', 'in', jobIds).orderBy('job_id').orderBy('index').execute();
}

export const cancelChannel = 'kiln_cancel';

/**
 * Cancels a job that waits; asks one that executes to be its last call (`force`: to be aborted). Returns the job as it is then, or
 * undefined where there is none. A job that has ended already is returned as it ended.
 */
export async function cancelJob(db: Database, projectId: string, id: string, force: boolean): Promise<JobRow | undefined> {
  await sql`
    with job as (
      update kiln.jobs set status = 'cancelled', finished_at = clock_timestamp(), cancel_requested_at = clock_timestamp()
      where project_id = ${projectId} and id = ${id} and status = any(${waitingStatuses}::text[])
      returning id, project_id, batch_id, status
    ), asked as (
      update kiln.jobs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), cancel_forced = cancel_forced or ${force}
      where project_id = ${projectId} and id = ${id} and status = 'in_progress'
      returning id, cancel_forced
    ), event as (${insertJobEvent('job.cancelled')})
    select pg_notify(${jobEndedChannel}, id) from job
    union all
    select pg_notify(${cancelChannel}, id) from asked where cancel_forced`.execute(db);
  return findJob(db, projectId, id);
}

/** Notified with the job's id, in the transaction that ends it. */
export const jobEndedChannel = 'kiln_job_ended';

const waitingStatuses = statesBefore('cancelled').filter((status) => status !== 'in_progress');

export function findImage(db: Database, projectId: string, jobId: string, index: number): Promise<ImageRow | undefined> {
  return db
    .selectFrom('kiln.images')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('job_id', '=', jobId)
    .where('index', '=', index)
    .executeTakeFirst();
}
