/**
 * Writes the rows of an input file as jobs, a page in one statement together with how far the file
 * has come. Pages are encoded as binary arrays while the page before is being written, which makes
 * a million rows take less than twenty seconds. Memory is bounded by the page. Validation is not
 * done here. Used by `services/batches/work/ingest.ts`.
 */
import { sql } from 'kysely';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { JobWarning } from '../../schemas/job.ts';
import {
  createJsonColumn,
  createNumberColumn,
  createTextColumn,
  type ArrayParameter,
} from '../database/array-columns.ts';
import type { InvalidRow } from './batch-jobs.ts';
import type { JobRow } from '../jobs/jobs.ts';
import { priorityOfBatch, type BatchRow } from './batches.ts';
import { nextTag, tagOfRow } from '../jobs/fair-tags.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

/** A row of the file that becomes a job. */
export interface BatchJob {
  id: string;
  row_number: number;
  custom_id: string | null;
  filename: string | null;
  response_format: 'url' | 'b64_json' | null;
  derived_from: string | null;
  request: StoredJobRequest;
  source_file_ids: string[] | null;
  metadata: Record<string, string>;
  cost_estimated_micros: number | null;
  n: number;
  tokens_estimated: number | null;
  request_key: string | null;
}

/** Values that many rows of a file have in common. */
export interface SharedByRows {
  endpoint: string;
  model: string;
  route: string;
  deployment: string | null;
  warnings: JobWarning[];
  cost_basis: string | null;
}

/** A page of rows that is being filled. */
export interface RowPage {
  add(job: BatchJob, shared: SharedByRows): void;
  refuse(row: InvalidRow): void;
  readonly size: number;
  /** The parameters of the statement. They are valid until the page is cleared. */
  end(): PageParameters;
  /** Empties the page once its rows are written. */
  clear(): void;
}

export interface PageParameters {
  jobs: Record<keyof ReturnType<typeof createColumns>, ArrayParameter>;
  /** A JSON array. */
  shared: string;
  invalid: string;
  invalidCount: number;
}

function createColumns() {
  return {
    id: createTextColumn(),
    row_number: createNumberColumn(),
    custom_id: createTextColumn(),
    filename: createTextColumn(),
    response_format: createTextColumn(),
    derived_from: createTextColumn(),
    request: createJsonColumn(),
    source_file_ids: createTextColumn(),
    metadata: createJsonColumn(),
    cost_estimated_micros: createNumberColumn(),
    n: createNumberColumn(),
    tokens_estimated: createNumberColumn(),
    request_key: createTextColumn(),
    /** The number of the job's shared values. */
    shared: createNumberColumn(),
    /** The number of the job among those of its route. */
    number_in_route: createNumberColumn(),
  };
}

/** Creates a page. Rows are encoded as they come, while the page before is being written. */
export function createRowPage(): RowPage {
  const columns = createColumns();
  const shares = createShares();
  const countByRoute = new Map<string, number>();
  let jobCount = 0;
  let invalid: InvalidRow[] = [];

  return {
    add(job, shared) {
      const numberInRoute = countByRoute.get(shared.route) ?? 0;
      countByRoute.set(shared.route, numberInRoute + 1);
      columns.id.add(job.id);
      columns.row_number.add(job.row_number);
      columns.custom_id.add(job.custom_id);
      columns.filename.add(job.filename);
      columns.response_format.add(job.response_format);
      columns.derived_from.add(job.derived_from);
      columns.request.add(toStorableJson(job.request));
      columns.source_file_ids.add(job.source_file_ids && toArrayText(job.source_file_ids));
      columns.metadata.add(toStorableJson(job.metadata));
      columns.cost_estimated_micros.add(job.cost_estimated_micros);
      columns.n.add(job.n);
      columns.tokens_estimated.add(job.tokens_estimated);
      columns.request_key.add(job.request_key);
      columns.shared.add(shares.numberOf(shared));
      columns.number_in_route.add(numberInRoute);
      jobCount += 1;
    },
    refuse: (row) => void invalid.push(row),
    get size() {
      return jobCount + invalid.length;
    },
    end: () => ({
      jobs: endAll(columns),
      shared: shares.toJson(),
      invalid: toStorableJson(invalid),
      invalidCount: invalid.length,
    }),
    clear() {
      for (const column of Object.values(columns)) column.clear();
      shares.clear();
      countByRoute.clear();
      jobCount = 0;
      invalid = [];
    },
  };
}

function endAll(columns: ReturnType<typeof createColumns>): PageParameters['jobs'] {
  const ended = Object.entries(columns).map(([name, column]) => [name, column.end()]);
  return Object.fromEntries(ended) as PageParameters['jobs'];
}

/** Numbers the shared values of rows from 1. */
function createShares() {
  const numbers = new Map<string, number>();
  let last: { shared: SharedByRows; number: number } | null = null;
  return {
    numberOf(shared: SharedByRows): number {
      if (last !== null && isSame(last.shared, shared)) return last.number;
      const { endpoint, model, route, deployment, warnings, cost_basis: basis } = shared;
      const json = toStorableJson({ endpoint, model, route, deployment, warnings, basis });
      const number = numbers.get(json) ?? numbers.size + 1;
      numbers.set(json, number);
      last = { shared, number };
      return number;
    },
    toJson: () => `[${[...numbers.keys()].join(',')}]`,
    clear() {
      numbers.clear();
      last = null;
    },
  };
}

function isSame(one: SharedByRows, other: SharedByRows): boolean {
  return (
    one.endpoint === other.endpoint &&
    one.model === other.model &&
    one.route === other.route &&
    one.deployment === other.deployment &&
    one.warnings === other.warnings &&
    one.cost_basis === other.cost_basis
  );
}

/** Formats a `text[]`. Ids of files have no character that would need quotes. */
function toArrayText(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

/**
 * Writes the jobs of the next rows and records how far the file has come. Priority, turn and
 * deadline are those that the batch has at this moment. Returns `late` and writes nothing if
 * another worker has come further, or the batch accepts no more rows; `interrupted` if the rows
 * were written and the batch has something else to be done first. The batch has events for all of
 * them, not one for each job.
 *
 * The commit does not wait for the disk. If a crash of the server loses rows, `ingested_row` of the
 * batch goes back with them, and the rows are written again from there. A job that has started is
 * safe: the next commit that waits also saves all commits before it.
 *
 * @param after the last row that was written before; these rows go up to `upTo`
 */
export async function writeRows(
  db: Database,
  batch: Pick<BatchRow, 'id' | 'request_id'>,
  { after, upTo, page }: { after: number; upTo: number; page: PageParameters },
  common: { maxAttempts: number; competing: string; dedupe: JobRow['dedupe'] },
): Promise<'written' | 'interrupted' | 'late'> {
  const { jobs } = page;
  const { rows } = await sql<{ interrupted: boolean }>`
    with batch as (
      update kiln.batches set ingested_row = ${upTo}::int, failed_runs = 0, lost_workers = 0,
        -- After a change of the deployments, rows may be judged differently than by validation.
        -- Each row is a job or was refused. The refused ones are fewer: counting a million jobs
        -- that were not read yet takes seconds.
        total_count = case when ${upTo}::int < last_row then total_count
          else row_count - ${page.invalidCount}::int - (select count(*) from kiln.invalid_rows
            where batch_id = ${batch.id}) end
      where id = ${batch.id} and status = 'in_progress' and ingested_row = ${after}::int
      returning id, project_id, paused_at is not null as is_paused, moving is not null
        or retrying_since is not null or changes <> '{}' as interrupted,
        ${priorityOfBatch} as level, run_next_tag, deadline_at
    ), shared as materialized (
      select shared.*, batch.level as priority, batch.id as flow from batch, rows from (
        jsonb_to_recordset(${page.shared}::jsonb) as (endpoint text, model text, route text,
          deployment text, warnings jsonb, basis text)
      ) with ordinality as shared(endpoint, model, route, deployment, warnings, basis, number)
    ), flow as materialized (
      select *, ${nextTag(sql`flow`, common.competing)} as tag
        from (select distinct route, priority, flow from shared) as flow
    ), job as (
      insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, filename,
        response_format, derived_from, endpoint, model, route, deployment, request,
        source_file_ids, metadata, warnings, priority, fair_tag, max_attempts, request_id,
          cost_estimated_micros, cost_basis,
          n, tokens_estimated, request_key, dedupe, expires_at, parked)
      select new.id, batch.project_id, batch.id, row_number, custom_id, filename, response_format,
        derived_from, endpoint, model, route, deployment, request, source_file_ids::text[],
        metadata, warnings, priority, coalesce(${tagOfRow(sql`batch`, sql`row_number`)},
          flow.tag + new.number_in_route), ${common.maxAttempts}::int, ${batch.request_id},
          cost_estimated_micros, basis, n, tokens_estimated, request_key, ${common.dedupe},
        batch.deadline_at, batch.is_paused
      from batch, unnest(${jobs.id}::text[], ${jobs.row_number}::bigint[],
        ${jobs.custom_id}::text[], ${jobs.filename}::text[], ${jobs.response_format}::text[],
          ${jobs.derived_from}::text[],
          ${jobs.request}::jsonb[], ${jobs.source_file_ids}::text[], ${jobs.metadata}::jsonb[],
            ${jobs.cost_estimated_micros}::bigint[], ${jobs.n}::bigint[],
          ${jobs.tokens_estimated}::bigint[], ${jobs.request_key}::text[],
          ${jobs.shared}::bigint[], ${jobs.number_in_route}::bigint[])
        as new (id, row_number, custom_id, filename, response_format, derived_from, request,
          source_file_ids, metadata, cost_estimated_micros, n, tokens_estimated, request_key,
          shared, number_in_route)
        join shared on shared.number = new.shared join flow using (route, priority, flow)
    ), unsynced as materialized (
      select set_config('synchronous_commit', 'off', true)
    ), refused as (
      insert into kiln.invalid_rows (batch_id, row_number, custom_id, problems)
      select batch.id, row_number, custom_id, problems from batch,
        jsonb_to_recordset(${page.invalid}::jsonb) as invalid(row_number int, custom_id text,
          problems jsonb)
    )
    select interrupted from batch, unsynced`.execute(db);
  const [written] = rows;
  if (written === undefined) return 'late';
  return written.interrupted ? 'interrupted' : 'written';
}

/**
 * After a large insert the planner's statistics are stale until autovacuum runs. Analyses a tenth
 * of the usual sample now; reading more pages for the first time would also write more to the log.
 * If the table has hardly grown, autovacuum's statistics are better and stay.
 */
export async function refreshStatistics(db: Database, newJobs: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ known: number }>`
      select reltuples::float8 as known from pg_class where oid = 'kiln.jobs'::regclass`.execute(
      transaction,
    );
    if (newJobs * 10 < (rows[0]?.known ?? 0)) return;
    await sql`set local default_statistics_target = 10`.execute(transaction);
    await sql`analyze kiln.jobs`.execute(transaction);
  });
}
