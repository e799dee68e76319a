/** The rows of a file become jobs: a page of them in one statement, which says how far the file has come as well. */
import { sql } from 'kysely';
import type { StoredJobRequest } from '../schemas/job-request.ts';
import type { JobWarning } from '../schemas/job.ts';
import type { InvalidRow } from './batch-jobs.ts';
import type { BatchRow } from './batches.ts';
import { nextTag } from './fair-tags.ts';
import type { Database } from './open-records.ts';

/** A row of the file that becomes a job. */
export interface BatchJob {
  id: string;
  row_number: number;
  custom_id: string | null;
  filename: string | null;
  response_format: 'url' | 'b64_json' | null;
  request: StoredJobRequest;
  source_file_ids: string[] | null;
  metadata: Record<string, string>;
  cost_estimated_micros: number | null;
}

/** What many rows of a file have in common. */
export interface SharedByRows {
  endpoint: string;
  model: string;
  route: string;
  deployment: string | null;
  warnings: JobWarning[];
}

/** The next rows of a file, ready to be sent. */
export interface RowPage {
  add(job: BatchJob, shared: SharedByRows): void;
  refuse(row: InvalidRow): void;
  readonly size: number;
  /** JSON: the jobs, each with the number of what it shares and its place among those of its route; and the rest. */
  toJson(): RowsAsJson;
  /** For the next rows, once these have been written. */
  clear(): void;
}

export interface RowsAsJson {
  /** Bytes that are good until the page is cleared. */
  jobs: Uint8Array;
  shared: string;
  invalid: string;
  jobCount: number;
}

/** Rows become JSON as they come, while those before them are being written. */
export function createRowPage(): RowPage {
  const jobs = createJsonList();
  let invalid: InvalidRow[] = [];
  const numbers = new Map<string, number>();
  const places = new Map<string, number>();
  return {
    add({ source_file_ids: sources, ...job }, { endpoint, model, route, deployment, warnings }) {
      const shared = JSON.stringify({ endpoint, model, route, deployment, warnings });
      const number = numbers.get(shared) ?? numbers.size + 1;
      numbers.set(shared, number);
      const place = places.get(route) ?? 0;
      places.set(route, place + 1);
      // Most rows have none, and say nothing of it.
      jobs.add(
        JSON.stringify({
          ...job,
          ...(sources !== null && { source_file_ids: sources }),
          shared: number,
          place,
        }),
      );
    },
    refuse: (row) => void invalid.push(row),
    get size() {
      return jobs.count + invalid.length;
    },
    toJson: () => ({
      jobs: jobs.end(),
      shared: `[${[...numbers.keys()].join(',')}]`,
      invalid: JSON.stringify(invalid),
      jobCount: jobs.count,
    }),
    clear() {
      jobs.clear();
      invalid = [];
      numbers.clear();
      places.clear();
    },
  };
}

/** Bytes that are there from the start: a text of a million rows, page by page, would be as much garbage. */
const usualBytes = 1024 * 1024;
const mostBytesOfAUnit = 3;

/** A JSON list, written into the same bytes again and again. */
function createJsonList() {
  let bytes = Buffer.allocUnsafe(usualBytes);
  let length = 0;
  let count = 0;

  function makeRoom(units: number): void {
    const needed = length + units * mostBytesOfAUnit + 2;
    if (needed <= bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2));
    bytes.copy(grown, 0, 0, length);
    bytes = grown;
  }

  return {
    get count() {
      return count;
    },
    add(json: string): void {
      makeRoom(json.length);
      bytes[length] = count === 0 ? 0x5b : 0x2c; // [ or ,
      length += 1 + bytes.write(json, length + 1);
      count += 1;
    },
    end(): Uint8Array {
      if (count === 0) return Buffer.from('[]');
      bytes[length] = 0x5d; // ]
      return bytes.subarray(0, length + 1);
    },
    clear(): void {
      if (bytes.length > 4 * usualBytes) bytes = Buffer.allocUnsafe(usualBytes);
      length = 0;
      count = 0;
    },
  };
}

/**
 * Writes the jobs of the next rows and how far the file has come, together. `late`, and nothing written: somebody else has come further, or
 * the batch takes no more rows. `interrupted`: written, and something else is to be done for the batch first. Their events are the batch's,
 * not one each.
 *
 * The commit does not wait for the disk: what a crash of the server takes away is written anew from where the file then stands, and a job
 * that has started is safe, as the next commit that waits saves all before it.
 *
 * @param after written up to here before, and with these rows up to `upTo`
 */
export async function writeRows(
  db: Database,
  batch: Pick<BatchRow, 'id' | 'deadline_at' | 'request_id'>,
  { after, upTo, page }: { after: number; upTo: number; page: RowsAsJson },
  common: { priority: number; maxAttempts: number; besides: string },
): Promise<'written' | 'interrupted' | 'late'> {
  const { rows } = await sql<{ interrupted: boolean }>`
    with batch as (
      update kiln.batches set ingested_row = ${upTo}::int,
        -- What was counted before may be judged otherwise now, as the deployments have changed.
        total_count = case when ${upTo}::int < last_row then total_count
          else ${page.jobCount}::int + (select count(*) from kiln.jobs where batch_id = ${batch.id}) end
      where id = ${batch.id} and status = 'in_progress' and ingested_row = ${after}::int
      returning id, project_id, paused_at is not null as is_paused, moving is not null or retrying_since is not null as interrupted
    ), shared as materialized (
      select *, ${common.priority}::smallint as priority, ${batch.id}::text as flow from rows from (
        jsonb_to_recordset(${page.shared}::jsonb) as (endpoint text, model text, route text, deployment text, warnings jsonb)
      ) with ordinality as shared(endpoint, model, route, deployment, warnings, number)
    ), flow as materialized (
      select *, ${nextTag(sql`flow`, common.besides)} as tag from (select distinct route, priority, flow from shared) as flow
    ), job as (
      insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, filename, response_format, endpoint, model, route, deployment, request, source_file_ids, metadata,
        warnings, priority, fair_tag, max_attempts, request_id, cost_estimated_micros, expires_at, parked)
      select new.id, batch.project_id, batch.id, row_number, custom_id, filename, response_format, endpoint, model, route, deployment, request, source_file_ids, metadata,
        warnings, priority, flow.tag + new.place, ${common.maxAttempts}::int, ${batch.request_id}, cost_estimated_micros,
        ${batch.deadline_at}::timestamptz, batch.is_paused
      from batch, json_to_recordset(${page.jobs}::json) as new (id text, row_number int, custom_id text, filename text, response_format text, request jsonb,
          source_file_ids text[], metadata jsonb, cost_estimated_micros bigint, shared int, place int)
        join shared on shared.number = new.shared join flow using (route, priority, flow)
    ), unsynced as materialized (
      select set_config('synchronous_commit', 'off', true)
    ), refused as (
      insert into kiln.invalid_rows (batch_id, row_number, custom_id, problems)
      select batch.id, row_number, custom_id, problems from batch,
        jsonb_to_recordset(${page.invalid}::jsonb) as invalid(row_number int, custom_id text, problems jsonb)
    )
    select interrupted from batch, unsynced`.execute(db);
  const [written] = rows;
  if (written === undefined) return 'late';
  return written.interrupted ? 'interrupted' : 'written';
}

/** After so many new rows the planner's picture of the table is wrong, and autovacuum comes a minute later. */
export async function refreshStatistics(db: Database): Promise<void> {
  await sql`analyze kiln.jobs`.execute(db);
}
