/**
 * Rows of batches: create, find, list, and the leases of workers. `batch-transitions.ts` changes
 * their status, `batch-jobs.ts` their jobs.
 */
import { sql, type Selectable } from 'kysely';
import { openBatchStatuses, type BatchStatus } from '../../domain/batch-state.ts';
import type { Batch, BatchErrors } from '../../schemas/batch.ts';
import { retryWhileUnavailable } from '../database/availability.ts';
import { literals, patternOf } from '../database/literals.ts';
import {
  claimKey,
  resolveUsedKey,
  type CreateOutcome,
  type KeyedRequest,
} from '../idempotency-keys.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';
import { toStorableJson } from '../database/storable-json.ts';

export type BatchRow = Selectable<Schema['kiln.batches']>;

/** Notified with a batch's id when the last of its jobs has ended. */
export const batchEndedChannel = 'kiln_batch_ended';

/** The priority of the batch's jobs, as their column has it. */
export const priorityOfBatch = sql`(case when options ->> 'priority' = 'interactive' then 0
  else 1 end)::smallint`;

/** Columns of a new batch. */
export type NewBatch = Pick<
  BatchRow,
  | 'id'
  | 'project_id'
  | 'endpoint'
  | 'input_file_id'
  | 'source_files'
  | 'name'
  | 'options'
  | 'metadata'
  | 'deadline_at'
  | 'request_id'
  | 'created_at'
>;

/**
 * Writes a batch, and keeps its input file from being deleted. The insert may be repeated after a
 * lost answer: it writes the batch once.
 */
export function insertBatch(
  db: Database,
  batch: NewBatch,
  keyed: KeyedRequest<Batch> | null,
): Promise<CreateOutcome<Batch> | { status: 'no_file' }> {
  const claimed = keyed === null ? sql`select` : claimKey(batch.project_id, keyed, 200);
  return retryWhileUnavailable(() =>
    db.transaction().execute(async (transaction) => {
      const file = await sql`
        select from kiln.files where project_id = ${batch.project_id}
          and id = ${batch.input_file_id} and deleted_at is null
        for share`.execute(transaction);
      if (file.rows.length > 0) {
        const { rows } = await sql`
          with claimed as (${claimed}),
          written as (
            insert into kiln.batches (id, project_id, status, endpoint, input_file_id, source_files,
              name, options, metadata, deadline_at, request_id, created_at)
            select ${batch.id}, ${batch.project_id}, 'validating', ${batch.endpoint},
              ${batch.input_file_id},
              ${batch.source_files === null ? null : toStorableJson(batch.source_files)}::jsonb,
              ${batch.name}, ${toStorableJson(batch.options)}::jsonb,
              ${toStorableJson(batch.metadata)}::jsonb, ${batch.deadline_at}::timestamptz,
              ${batch.request_id}, ${batch.created_at}::timestamptz
            from claimed on conflict (id) do nothing returning id, source_files),
          pictures as (
            insert into kiln.batch_pictures (file_id, batch_id)
            select distinct picture.value, written.id
              from written, jsonb_each_text(written.source_files) as picture)
          select id from written`.execute(transaction);
        if (rows.length > 0 || keyed === null) return { status: 'created' };
      }
      if (keyed === null) return { status: 'no_file' };
      const used = await resolveUsedKey(transaction, batch.project_id, keyed);
      return file.rows.length === 0 && used.status === 'in_flight' ? { status: 'no_file' } : used;
    }),
  );
}

export function findBatch(
  db: Database,
  projectId: string,
  id: string,
): Promise<BatchRow | undefined> {
  return db
    .selectFrom('kiln.batches')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Finds the batch in any project, for workers. */
export function findBatchById(db: Database, id: string): Promise<BatchRow | undefined> {
  return db.selectFrom('kiln.batches').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * The columns that the API shows. The names of uploaded pictures are left out: for a page of
 * batches they could be megabytes.
 */
const listColumns = [
  'id',
  'name',
  'project_id',
  'status',
  'endpoint',
  'input_file_id',
  'output_file_id',
  'error_file_id',
  'options',
  'metadata',
  'row_count',
  'completed_count',
  'failed_count',
  'invalid_count',
  'cancelled_count',
  'expired_count',
  'reading',
  'cost_estimated_micros',
  'cost_basis',
  'cost_actual_micros',
  'cost_at_risk_micros',
  'input_tokens',
  'output_tokens',
  'paused_at',
  'run_next_tag',
  'deadline_at',
  'created_at',
  'in_progress_at',
  'finalizing_at',
  'cancelling_at',
  'finished_at',
] as const;

export type BatchListRow = Pick<BatchRow, (typeof listColumns)[number] | 'errors'>;

/** A batch has a thousand problems; those of a hundred batches would keep the process busy. */
const problemsInLists = 10;

const someErrors = sql<BatchErrors | null>`errors || jsonb_build_object('data',
  jsonb_path_query_array(errors, ${sql.lit(`$.data[0 to ${problemsInLists - 1}]`)}))`;

export interface BatchFilter {
  status?: BatchStatus | undefined;
  /** Text that its name, its id or the name of its file contains. */
  q?: string | undefined;
  after?: string | undefined;
  limit: number;
}

/** Newest first. Returns one row more than `limit` if there are more. */
export function listBatches(
  db: Database,
  projectId: string,
  { status, q, after, limit }: BatchFilter,
): Promise<BatchListRow[]> {
  let query = db
    .selectFrom('kiln.batches')
    .select([...listColumns, someErrors.as('errors')])
    .where('project_id', '=', projectId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (after !== undefined) query = query.where('id', '<', after);
  if (status !== undefined) query = query.where('status', '=', status);
  if (q !== undefined) {
    const pattern = patternOf(q);
    query = query.where(sql<boolean>`(name ilike ${pattern} or id ilike ${pattern} or exists (
      select from kiln.files where files.id = input_file_id and filename ilike ${pattern}))`);
  }
  return query.execute();
}

/** A work item of a batch. `lease_no` distinguishes it from earlier ones. */
export type BatchWorkItem = Pick<BatchRow, 'id' | 'lease_no'>;

/** No worker holds the batch, and it does not rest after a failed run. */
const isFree = sql`((lease_expires_at is null or lease_expires_at < clock_timestamp())
  and (retry_at is null or retry_at < clock_timestamp()))`;

/** Every job of the batch has ended, and every row of its file is a job or was refused. */
export const allRowsEnded = sql`(ingested_row >= last_row and retrying_since is null
  and completed_count + failed_count + cancelled_count + expired_count >= total_count)`;

/**
 * No worker holds the batch, and something is to be done: read, park or unpark, cancel, finish. The
 * file of a paused batch is not read.
 */
export const needsWorker = sql`status in (${literals(openBatchStatuses)})
  and ${isFree}
  and (status in ('cancelling', 'finalizing') or moving is not null or retrying_since is not null
    or (changes <> '{}' and status = 'in_progress')
    or (paused_at is null and (status = 'validating' or ingested_row < last_row))
    or ${allRowsEnded})`;

/** Lists the batches that need a worker. */
export async function listBatchesToAdvance(db: Database): Promise<BatchWorkItem[]> {
  const { rows } = await sql<BatchWorkItem>`
    select id, lease_no from kiln.batches
    where ${needsWorker}
    order by id`.execute(db);
  return rows;
}

/** Gives work items that no worker holds new numbers, and returns them. */
export async function renumberWorkItems(
  db: Database,
  items: readonly BatchWorkItem[],
): Promise<BatchWorkItem[]> {
  if (items.length === 0) return [];
  const { rows } = await sql<BatchWorkItem>`
    update kiln.batches set lease_no = batches.lease_no + 1
    from jsonb_to_recordset(${toStorableJson(items)}::jsonb) as item(id text, lease_no int)
    where batches.id = item.id and batches.lease_no = item.lease_no
      and ${isFree}
    returning batches.id, batches.lease_no`.execute(db);
  return rows;
}

/** The facts of a batch that decide whether a step on it is still wanted. */
export function findBatchState(
  db: Database,
  id: string,
): Promise<Pick<BatchRow, 'status' | 'paused_at'> | undefined> {
  return db
    .selectFrom('kiln.batches')
    .select(['status', 'paused_at'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** What is needed to end a batch, without the columns that may be large or damaged. */
export type FailingBatch = Pick<
  BatchRow,
  'id' | 'status' | 'errors' | 'failed_runs' | 'lost_workers'
>;

export function findFailingBatch(db: Database, id: string): Promise<FailingBatch | undefined> {
  return db
    .selectFrom('kiln.batches')
    .select(['id', 'status', 'errors', 'failed_runs', 'lost_workers'])
    .where('id', '=', id)
    .executeTakeFirst();
}

export function findWorkItem(db: Database, id: string): Promise<BatchWorkItem | undefined> {
  return db
    .selectFrom('kiln.batches')
    .select(['id', 'lease_no'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/**
 * Leases a batch and returns the number of the lease. Undefined if another worker holds the batch,
 * or it rests. A lease that lapsed without being given back counts as a lost worker.
 */
export async function leaseBatch(
  db: Database,
  id: string,
  leaseMs: number,
): Promise<number | undefined> {
  const { rows } = await sql<{ lease_no: number }>`
    update kiln.batches set lease_no = lease_no + 1, lease_expires_at = clock_timestamp() +
      ${leaseMs} * interval '1 millisecond', retry_at = null,
      lost_workers = lost_workers + (lease_expires_at is not null)::int
    where id = ${id} and ${isFree} returning lease_no`.execute(db);
  return rows[0]?.lease_no;
}

/** @param leaseMs null gives the lease back */
export async function extendLease(
  db: Database,
  id: string,
  no: number,
  leaseMs: number | null,
): Promise<void> {
  await sql`
    update kiln.batches set lease_expires_at = clock_timestamp() + ${leaseMs}::float8 *
      interval '1 millisecond'
    where id = ${id} and lease_no = ${no}`.execute(db);
}

/**
 * Counts a run that an error stopped, and gives the lease back. The batch rests before its next
 * run, twice as long each time, unless that run is the one that ends it.
 */
export async function recordFailedRun(
  db: Database,
  { id, no }: { id: string; no: number },
  { pauseMs, longestMs, last }: { pauseMs: number; longestMs: number; last: number },
): Promise<void> {
  await sql`
    update kiln.batches set failed_runs = failed_runs + 1, lease_expires_at = null,
      retry_at = case when failed_runs + 1 = ${last}::int then null
        else clock_timestamp() + interval '1 millisecond' *
          least(${longestMs}::float8, ${pauseMs}::float8 * 2 ^ least(failed_runs, 30)) end
    where id = ${id} and lease_no = ${no}`.execute(db);
}

/** The batch has taken a step, so the runs that failed before do not count any more. */
export async function forgetFailedRuns(db: Database, id: string): Promise<void> {
  await sql`update kiln.batches set failed_runs = 0, lost_workers = 0 where id = ${id}`.execute(db);
}
