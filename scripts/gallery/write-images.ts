/**
 * Writes jobs that have succeeded, with their images, into the records, as if workers had made
 * them over the last ninety days: prompts, batches, models, sizes, ratings, albums. Of ten jobs one
 * has four images; nine of ten jobs are rows of batches. Ids, times and texts follow from the
 * number of the job, so two runs write the same gallery. Used by `make-images.ts`, `bench/gallery`
 * and tests. It writes no attempts and no events.
 */
import type { Run } from '@kiln/shared/records/database/with-long-timeout';
import type { Pool, QueryConfig, QueryResultRow } from 'pg';

/** A picture that many images show. Its objects are stored once, under the key of an early job. */
export interface SharedPicture {
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  crc32: number;
  thumbhash: string | null;
}

/** Stands for bytes that no test looks at. */
export const plainPicture: SharedPicture = {
  format: 'png',
  width: 1024,
  height: 1024,
  bytes: 1_500_000,
  sha256: 'a'.repeat(64),
  crc32: 0,
  thumbhash: null,
};

export interface ImagesToWrite {
  images: number;
  pictures: readonly SharedPicture[];
  projectId?: string;
  onProgress?: (written: number) => void;
}

const longestMs = 24 * 3_600_000;
/** Jobs of a statement; of ten jobs, thirteen images. */
const jobsAtATime = 20_000;
const jobsOfBatch = 5_000;
/** From here on it is faster to build the indexes of texts afterwards. */
const manyImages = 200_000;

/** The number of images of the first `jobs` jobs, and the other way round. */
const imagesOf = (jobs: number): number => jobs + 3 * Math.floor(jobs / 10);

function jobsFor(images: number): number {
  const whole = Math.floor(images / 13) * 10;
  return whole + Math.min(images - imagesOf(whole), 10);
}

/** Returns the keys under which the bytes of the pictures belong. */
export async function writeImages(
  database: Pool,
  { images, pictures, projectId = 'default', onProgress }: ImagesToWrite,
): Promise<string[]> {
  const jobs = jobsFor(images);
  const client = await database.connect();
  const run: Run = async <Row extends QueryResultRow>(text: string, values: unknown[] = []) =>
    (await client.query<Row>({ text, values, query_timeout: longestMs } as QueryConfig)).rows;
  try {
    // Without statistics the planner would read the whole table of jobs for each part.
    await run(`set statement_timeout = 0; set synchronous_commit = off;
      set enable_hashjoin = off; set enable_mergejoin = off`);
    await run(functions);
    const rebuild = images >= manyImages ? await dropTextIndexes(run) : async () => undefined;
    await writeBatches(run, jobs, projectId);
    for (let done = 0; done < jobs; done += jobsAtATime) {
      const upTo = Math.min(jobs, done + jobsAtATime);
      const settings = [jobs, projectId, jobsOfBatch];
      await run(insertJobs, [done, upTo - 1, ...settings, ...words]);
      await run(insertImages, [done, upTo - 1, jobs, images, JSON.stringify(pictures)]);
      onProgress?.(Math.min(images, imagesOf(upTo)));
    }
    await writeAlbums(run, projectId);
    await rebuild();
    await run('vacuum (analyze) kiln.jobs, kiln.images, kiln.album_images');
    await run('checkpoint');
    return await keysOf(run, pictures, jobs);
  } finally {
    client.release(true);
  }
}

/** What prompts are made of: how things look, what they are, and where. */
const looks = 'small weathered gleaming paper brass velvet glass painted wooden striped folded';
const things =
  'boat lighthouse teapot violin fox greenhouse bicycle lantern bridge owl tram harbour umbrella ' +
  'windmill robot orchard library kite observatory apricot train market balloon cottage';
const places = [
  'in morning fog',
  'at dusk',
  'under northern lights',
  'in heavy rain',
  'on a linen cloth',
  'after the first snow',
  'by candle light',
  'at low tide',
  'in a crowded street',
  'seen from above',
];
const words = [looks.split(' '), things.split(' '), places];

/**
 * Functions of the session. The id of a job begins with its time, so ids rise with time, as those
 * that Kiln makes do.
 */
const functions = `
  create or replace function pg_temp.time_of(n bigint, jobs bigint) returns timestamptz
    language sql stable as $$
    select date_trunc('day', now()) - (jobs - n) * interval '90 days' / jobs
  $$;
  create or replace function pg_temp.id_of(n bigint, jobs bigint) returns text
    language sql stable as $$
    select 'job_' || lpad(to_hex((extract(epoch from pg_temp.time_of(n, jobs)) * 1000)::bigint),
      12, '0') || '7' || left(md5(n::text), 3) || '8' || substr(md5(n::text), 4, 15)
  $$;
  create or replace function pg_temp.key_of(n bigint, jobs bigint, format text) returns text
    language sql stable as $$
    select 'images/' || right(id, 2) || '/' || id || '/1-0-of-1.' || format
    from pg_temp.id_of(n, jobs) as id
  $$;
  create or replace function pg_temp.one_of(texts text[], n bigint) returns text
    language sql immutable as $$ select texts[1 + n % cardinality(texts)] $$`;

const insertJobs = `
  insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, status, endpoint, model,
    route, request, metadata, warnings, request_id, priority, attempts_made, max_attempts, n,
    cost_estimated_micros, cost_actual_micros, created_at, started_at, finished_at, available_at)
  select pg_temp.id_of(n, $3), $4,
    case when n % 10 > 0 then 'batch_gallery' || n / $5::bigint end,
    case when n % 10 > 0 then n % $5::bigint + 1 end,
    case when n % 10 > 0 then 'row-' || n end,
    'succeeded', '/v1/images/generations',
    case when n % 10 < 7 then 'gpt-image-2' when n % 10 < 9 then 'gpt-image-1-mini'
      else 'gpt-image-1.5' end,
    '*',
    jsonb_build_object('prompt',
      case when n % 10007 = 5000 then 'A narwhal, a ' else 'A ' end ||
      pg_temp.one_of($6, n * 7 / 3) || ' ' || pg_temp.one_of($7, n * 13 / 5) || ' ' ||
      pg_temp.one_of($8, n * 17 / 7) || ', number ' || n,
      'size', '1024x1024', 'quality', case when n % 4 = 0 then 'high' else 'low' end)
      || case when n % 10 = 9 then '{"n": 4}'::jsonb else '{}' end,
    jsonb_build_object('order', (n / 1000)::text),
    '[]', 'req_gallery', 1, 1, 5, case when n % 10 = 9 then 4 else 1 end,
    6000, 5000 + n % 4000, at, at, at + interval '20 seconds', at
  from generate_series($1::bigint, $2::bigint) as n,
    lateral (select pg_temp.time_of(n, $3) as at) as time`;

/** An image shows the picture of its number, whose key is that of the job of that number. */
const insertImages = `
  insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width,
    height, bytes, sha256, crc32, thumbhash, batch_id, model, edited, cost_micros, rating, starred,
    created_at)
  select job.id, of_job.index, job.project_id, 1,
    pg_temp.key_of(shown.number, $3, picture.format),
    picture.format, picture.width, picture.height, picture.bytes, picture.sha256, picture.crc32,
    picture.thumbhash, job.batch_id, job.model, false, job.cost_actual_micros / job.n,
    case when image.number % 10 = 3 then 1 + (image.number / 10) % 5 end,
    image.number % 50 = 7, job.finished_at
  from generate_series($1::bigint, $2::bigint) as nth(job)
  join kiln.jobs job on job.id = pg_temp.id_of(nth.job, $3),
  lateral generate_series(0, job.n - 1) as of_job(index),
  lateral (select nth.job + 3 * (nth.job / 10) + of_job.index as number) as image,
  lateral (select image.number % jsonb_array_length($5::jsonb) as number) as shown,
  jsonb_to_record($5::jsonb -> shown.number::int) as picture(format text, width int, height int,
    bytes bigint, sha256 text, crc32 bigint, thumbhash text)
  where image.number < $4::bigint`;

async function writeBatches(run: Run, jobs: number, projectId: string): Promise<void> {
  await run(
    `insert into kiln.files
       (id, project_id, purpose, filename, content_type, bytes, sha256, object_key)
     values ('file-gallery', $1, 'batch', 'gallery.csv', 'text/csv', 1, 'gallery',
       'files/ry/file-gallery')
     on conflict do nothing`,
    [projectId],
  );
  await run(
    `insert into kiln.batches (id, project_id, status, endpoint, input_file_id, name, row_count,
       total_count, completed_count, last_row, file_last_row, ingested_row, created_at,
       in_progress_at, finalizing_at, finished_at)
     select 'batch_gallery' || n, $1, 'completed', '/v1/images/generations', 'file-gallery',
       'Gallery ' || n, counted.jobs, counted.jobs, counted.jobs, $3::int, $3::int, $3::int, at, at,
       at, at
     from generate_series(0, ($2::bigint - 1) / $3::bigint) as n,
       lateral (select pg_temp.time_of(n * $3::bigint, $2::bigint) as at) as time,
       lateral (select count(*) as jobs from generate_series(n * $3::bigint,
         least(n * $3::bigint + $3::bigint, $2::bigint) - 1) as job(n) where job.n % 10 > 0
       ) as counted
     on conflict do nothing`,
    [projectId, jobs, jobsOfBatch],
  );
}

async function keysOf(
  run: Run,
  pictures: readonly SharedPicture[],
  jobs: number,
): Promise<string[]> {
  const rows = await run<{ key: string }>(
    `select pg_temp.key_of(n - 1, $2, format) as key
     from unnest($1::text[]) with ordinality as picture(format, n) order by n`,
    [pictures.map(({ format }) => format), jobs],
  );
  return rows.map(({ key }) => key);
}

/** Every hundredth image is in one of five albums. */
async function writeAlbums(run: Run, projectId: string): Promise<void> {
  await run(
    `insert into kiln.albums (id, project_id, name)
     select 'alb_gallery' || n, $1, 'Album ' || n from generate_series(1, 5) as n
     on conflict do nothing`,
    [projectId],
  );
  await run(
    `insert into kiln.album_images (album_id, job_id, index)
     select 'alb_gallery' || 1 + hash % 5, job_id, index
     from kiln.images, lateral (select ('x' || right(job_id, 7))::bit(28)::int as hash) as hashed
     where project_id = $1 and index = 0 and hash % 100 = 1
     on conflict do nothing`,
    [projectId],
  );
}

/** Returns a function that builds them again. */
async function dropTextIndexes(run: Run): Promise<() => Promise<undefined>> {
  const rows = await run<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'kiln' and indexname in ('jobs_by_prompt', 'jobs_by_metadata')`,
  );
  for (const { name } of rows) await run(`drop index kiln.${name}`);
  return async () => {
    await run("set maintenance_work_mem = '512MB'");
    for (const { definition } of rows) await run(definition);
    return undefined;
  };
}
