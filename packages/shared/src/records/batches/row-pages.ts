/**
 * Reads the rows of a batch by their numbers, for `services/batches/rows/`: those that are jobs,
 * and those that were refused. Every statement reads a span of row numbers in the order of an
 * index, so that its time depends on the span and not on the batch.
 */
import { sql, type RawBuilder } from 'kysely';
import { jobStatuses } from '../../domain/job-state.ts';
import type { RowStatus } from '../../domain/batch-state.ts';
import { rowPromptCharacters } from '../../schemas/batches/batch-row.ts';
import { literals, patternOf } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import type { JobRow } from '../jobs/jobs.ts';
import type { InvalidRow } from './batch-jobs.ts';
import type { BatchRow } from './batches.ts';

export interface RowFilter {
  /** Every status if undefined. */
  statuses: readonly RowStatus[] | undefined;
  /** The code of the error of a row that failed, expired or was refused. */
  code: string | undefined;
  /** Text in the prompt or the custom id. */
  q: string | undefined;
}

/** Row numbers `from` to `to`, and the most rows to read of them. */
export interface RowSpan {
  from: number;
  to: number;
  limit: number;
}

const batchColumns = [
  'id',
  'status',
  'row_count',
  'last_row',
  'file_last_row',
  'ingested_row',
  'completed_count',
  'failed_count',
  'invalid_count',
  'cancelled_count',
  'expired_count',
] as const;

/** What a list of rows needs of their batch. */
export type BatchOfRows = Pick<BatchRow, (typeof batchColumns)[number]> & {
  /** Only of a file that was refused: its rows are recorded nowhere else. */
  errors: BatchRow['errors'];
};

export function findBatchOfRows(
  db: Database,
  projectId: string,
  id: string,
): Promise<BatchOfRows | undefined> {
  return db
    .selectFrom('kiln.batches')
    .select([
      ...batchColumns,
      sql<BatchRow['errors']>`case when row_count is null then errors end`.as('errors'),
    ])
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type JobOfRow = Pick<
  JobRow,
  | 'id'
  | 'custom_id'
  | 'status'
  | 'error'
  | 'cost_estimated_micros'
  | 'cost_basis'
  | 'cost_actual_micros'
  | 'cost_at_risk_micros'
  | 'started_at'
  | 'finished_at'
  | 'deleted_at'
> & {
  row_number: number;
  /** Its beginning. */
  prompt: string;
};

/** The jobs of the rows of a span that pass the filter, in the order of their rows. */
export async function jobsOfRows(
  db: Database,
  batchId: string,
  { from, to, limit }: RowSpan,
  { statuses, code, q }: RowFilter,
): Promise<JobOfRow[]> {
  const wanted = jobStatuses.filter((status) => statuses?.includes(status) ?? true);
  if (wanted.length === 0) return [];
  const conditions: RawBuilder<unknown>[] = [
    sql`batch_id = ${batchId}`,
    sql`row_number between ${from}::int and ${to}::int`,
  ];
  if (statuses !== undefined) conditions.push(sql`status in (${literals(wanted)})`);
  if (code !== undefined) conditions.push(hasFailed, sql`${codeOfJob} = ${code}`);
  if (q !== undefined) {
    const pattern = patternOf(q);
    conditions.push(sql`(request->>'prompt' ilike ${pattern} or custom_id ilike ${pattern})`);
  }
  const { rows } = await sql<JobOfRow>`
    select id, row_number, custom_id, status, left(request->>'prompt',
        ${rowPromptCharacters}::int) as prompt,
      error, cost_estimated_micros, cost_basis, cost_actual_micros, cost_at_risk_micros, started_at,
      finished_at, deleted_at
    from kiln.jobs where ${sql.join(conditions, sql` and `)}
    order by row_number limit ${limit}::int`.execute(db);
  return rows;
}

/** The predicate of the index `jobs_failed_by_row`, word for word. */
const hasFailed = sql`status in ('failed', 'expired')`;

/** The code that `errorOf` (services/batches/output/error-lines.ts) gives such a job. */
const codeOfJob = sql`case when deleted_at is not null then 'job_deleted'
  else coalesce(error->>'code', case status when 'expired' then 'batch_expired' else 'failed' end)
  end`;

/** The refused rows of a span that pass the filter. Their prompts were not recorded. */
export async function refusedRows(
  db: Database,
  batchId: string,
  { from, to, limit }: RowSpan,
  { statuses, code, q }: RowFilter,
): Promise<InvalidRow[]> {
  if (statuses !== undefined && !statuses.includes('invalid')) return [];
  const conditions: RawBuilder<unknown>[] = [
    sql`batch_id = ${batchId}`,
    sql`row_number between ${from}::int and ${to}::int`,
  ];
  if (code !== undefined) conditions.push(sql`problems->0->>'code' = ${code}`);
  if (q !== undefined) conditions.push(sql`custom_id ilike ${patternOf(q)}`);
  const { rows } = await sql<InvalidRow>`
    select row_number, custom_id, problems from kiln.invalid_rows
    where ${sql.join(conditions, sql` and `)}
    order by row_number limit ${limit}::int`.execute(db);
  return rows;
}

/** The jobs of a batch that a worker has, and those that wait for a decision. */
export async function countInHand(
  db: Database,
  batchId: string,
): Promise<{ in_progress: number; held: number }> {
  const { rows } = await sql<{ in_progress: number; held: number }>`
    select
      (select count(*) from kiln.jobs where status = 'in_progress' and batch_id = ${batchId})::int
        as in_progress,
      (select count(*) from kiln.jobs where status = 'held' and batch_id = ${batchId})::int
        as held`.execute(db);
  return rows[0] ?? { in_progress: 0, held: 0 };
}

interface CodeCount {
  code: string;
  count: number;
}

/** The rows without pictures by the code of their error, the most frequent first. */
export async function countCodes(
  db: Database,
  batchId: string,
  limit: number,
): Promise<CodeCount[]> {
  const { rows } = await sql<CodeCount>`
    select code, count(*)::int as count from (
      select ${codeOfJob} as code from kiln.jobs where batch_id = ${batchId} and ${hasFailed}
      union all
      select problems->0->>'code' from kiln.invalid_rows where batch_id = ${batchId}
    ) as failed
    where code is not null group by code order by count desc, code limit ${limit}::int`.execute(db);
  return rows;
}
