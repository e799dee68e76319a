/**
 * Fills the records with queued jobs as submissions and uploads leave them. No other file of bench/
 * knows the columns of a job.
 */
import type { Deps } from '@kiln/shared/deps';
import type { Pool } from 'pg';

/** Rows per statement: the client would time out on a million at once. */
const aStatement = 50_000;

export interface JobsToFill {
  count: number;
  /** Number of jobs that exist already; the new jobs are numbered after them. */
  after: number;
  /** All jobs are rows of batches. */
  onlyBulk?: boolean;
  /** Number of batches, `batch_bench0` and so on, whose rows take turns. Default: ten. */
  batches?: number;
  /** The configuration whose first pool gets the jobs. */
  deps: Pick<Deps, 'pools'>;
}

/**
 * Nine of ten jobs are rows of the batches, whose fair-share tags interleave. One of ten was
 * submitted on its own.
 */
export async function fillJobs(
  database: Pool,
  { count, after, onlyBulk = false, batches = 10, deps }: JobsToFill,
): Promise<void> {
  const [pool] = deps.pools;
  const client = await database.connect();
  try {
    // Only what comes afterwards is measured, so the insert may take its time and need not be
    // durable at once.
    await client.query('set statement_timeout = 0; set synchronous_commit = off');
    await client.query(
      `insert into kiln.files
         (id, project_id, purpose, filename, content_type, bytes, sha256, object_key)
       values
         ('file-bench', 'default', 'batch', 'bench.csv', 'text/csv', 1, 'bench', 'files/bench')
       on conflict do nothing`,
    );
    await client.query(
      `insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
       select 'batch_bench' || n, 'default', 'in_progress', '/v1/images/generations', 'file-bench'
       from generate_series(0, $1::int - 1) as n
       on conflict do nothing`,
      [batches],
    );
    for (let done = 0; done < count; done += aStatement)
      await client.query(
        `insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, endpoint, model,
           deployment, route, request, metadata, warnings, priority, fair_tag, max_attempts,
           request_id, cost_estimated_micros)
         select kiln.new_id('job_'), 'default',
           case when bulk then 'batch_bench' || n % $5::int end,
           case when bulk then n end,
           case when bulk then 'row-' || n end,
           '/v1/images/generations', 'gpt-image-2', $4, $3,
           jsonb_build_object(
             'prompt', 'A small boat in morning fog, number ' || n,
             'size', '1024x1024', 'quality', 'low'),
           jsonb_build_object('row', n::text), '[]'::jsonb,
           bulk::int, case when bulk then n / $5::int else 0 end, 5, kiln.new_id('req_'), 6000
         from generate_series($2::int + 1, $2::int + $1::int) as n,
           lateral (select $6::boolean or n % 10 > 0 as bulk) as kind`,
        [
          Math.min(aStatement, count - done),
          after + done,
          pool?.routes[0]?.route,
          pool?.deployments[0],
          batches,
          onlyBulk,
        ],
      );
    // A batch that does not know its number of jobs would finish with each of them.
    await client.query(
      `update kiln.batches set row_count = counted.jobs, total_count = counted.jobs
       from (
         select batch_id, count(*)::int as jobs from kiln.jobs
         where batch_id like 'batch_bench%' group by batch_id
       ) as counted
       where id = counted.batch_id`,
    );
    // Leaves the tables as if the jobs had waited for a while, so that the aftermath of the insert
    // is not measured.
    await client.query('vacuum (analyze) kiln.jobs');
    await client.query('checkpoint');
  } finally {
    client.release(true);
  }
}

export interface Ending {
  batchId: string;
  /** Rows that succeed with one picture each. */
  pictures: readonly { from: number; to: number }[];
  /** One in so many of the other rows has failed; the rest waits. */
  failedEvery: number;
  thumbhashes: readonly string[];
}

/**
 * Ends rows of the only batch as a worker does, without calls. Returns the keys of their pictures.
 */
export async function endRows(
  database: Pool,
  { batchId, pictures, failedEvery, thumbhashes }: Ending,
): Promise<string[]> {
  const spans = JSON.stringify(pictures);
  const isWithPicture = `exists (
    select from jsonb_to_recordset($2::jsonb) as span("from" int, "to" int)
    where row_number between span."from" and span."to")`;
  const client = await database.connect();
  try {
    await client.query('set statement_timeout = 0; set synchronous_commit = off');
    await client.query(
      `update kiln.batches set in_progress_at = now(), last_row = row_count,
         file_last_row = row_count, ingested_row = row_count where id = $1`,
      [batchId],
    );
    await client.query(
      `update kiln.jobs set started_at = created_at, finished_at = now(), attempts_made = 1,
         status = case when ${isWithPicture} then 'succeeded' else 'failed' end,
         cost_actual_micros = case when ${isWithPicture} then 6000 else 0 end,
         error = case when ${isWithPicture} then null else $4::jsonb end
       where batch_id = $1 and (${isWithPicture} or row_number % $3::int = 0)`,
      [batchId, spans, failedEvery, JSON.stringify(exampleError)],
    );
    const { rows } = await client.query<{ object_key: string }>(
      `insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
         height, bytes, sha256, thumbhash)
       select id, 0, project_id, 1, 'images/' || right(id, 2) || '/' || id || '/1-0-of-1.png',
         'png', 1024, 1024, 1500000, md5(id) || md5(id),
         ($2::text[])[1 + row_number % cardinality($2::text[])]
       from kiln.jobs where batch_id = $1 and status = 'succeeded'
       returning object_key`,
      [batchId, thumbhashes],
    );
    await client.query('vacuum (analyze) kiln.jobs, kiln.images');
    await client.query('checkpoint');
    return rows.map(({ object_key: key }) => key);
  } finally {
    client.release(true);
  }
}

const exampleError = {
  code: 'moderation_blocked',
  message: 'The provider has refused the prompt.',
  param: null,
  type: 'image_generation_user_error',
};
