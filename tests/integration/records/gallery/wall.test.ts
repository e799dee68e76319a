/** The wall among many images: a page reads a few entries of an index, whatever the filter. */
import { openRecords } from '@kiln/shared/records/database/open-records';
import { countImages, listImages, type WallPage } from '@kiln/shared/records/gallery/wall';
import type { ImageFilter } from '@kiln/shared/schemas/gallery/image-filter';
import { expect, test } from 'vitest';
import { atEndOfFile } from '../../../support/end-of-file.ts';
import { log, openTestRecords } from '../support.ts';

const images = 40_000;
const records = await openTestRecords();
/** One connection, because the server counts per process and is asked to publish its counts. */
const one = openRecords({
  databaseUrl: records.databaseUrl,
  connections: 1,
  name: 'test',
  statementTimeoutMs: 30_000,
  log,
});
atEndOfFile(() => one.close());

const idOf = (n: number) => `job_${n.toString(16).padStart(12, '0')}${'0'.repeat(20)}`;

// Every hundredth image is rare in every way; the rare ones are the oldest.
const rare = 'n <= 400';
await records.pool.query(`
  insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, endpoint, model, route,
    request, metadata, warnings, priority, max_attempts, request_id, status, finished_at)
  select 'job_' || lpad(to_hex(n), 12, '0') || repeat('0', 20), 'default',
    case when ${rare} then 'batch_rare' else 'batch_common' end, n, 'picture-' || n,
    '/v1/images/generations', 'gpt-image-2', 'simulator',
    jsonb_build_object('prompt', case when ${rare} then 'a lighthouse' else 'a boat' end || n),
    case when ${rare} then '{"kind": "rare"}' else '{"kind": "common"}' end::jsonb,
    '[]', 1, 5, 'req_test', 'succeeded', now()
  from generate_series(1, ${images}) as n`);
await records.pool.query(`
  insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width, height,
    bytes, sha256, batch_id, model, edited, derived, rating, starred, trashed_at)
  select 'job_' || lpad(to_hex(n), 12, '0') || repeat('0', 20), 0, 'default', 1, 'images/' || n,
    'png', case when ${rare} then 2048 else 1024 end, 1024, 10, 'x',
    case when ${rare} then 'batch_rare' else 'batch_common' end,
    case when ${rare} then 'gpt-image-1' else 'gpt-image-2' end, ${rare}, ${rare},
    case when ${rare} then 5 end, ${rare}, case when n = 200 then now() end
  from generate_series(1, ${images}) as n`);
await records.pool.query(`
  insert into kiln.albums (id, project_id, name) values ('alb_1', 'default', 'Rare');
  insert into kiln.album_images (album_id, job_id, index)
    select 'alb_1', job_id, 0 from kiln.images where starred`);
await records.pool.query('vacuum analyze kiln.jobs, kiln.images, kiln.album_images');

interface Reads {
  scans: number;
  entries: number;
  rows: number;
}

async function readsOf(work: () => Promise<unknown>): Promise<Reads> {
  const read = async () => {
    await one.pool.query('select pg_stat_force_next_flush()');
    const { rows } = await one.pool.query<Reads>(`
      select (select sum(seq_scan) from pg_stat_user_tables
          where relname in ('images', 'jobs', 'album_images'))::int as scans,
        (select sum(seq_tup_read) from pg_stat_user_tables
          where relname in ('images', 'jobs', 'album_images'))::int as rows,
        (select sum(idx_tup_read) from pg_stat_user_indexes
          where relname in ('images', 'jobs', 'album_images'))::int as entries`);
    return rows[0]!;
  };
  const before = await read();
  await work();
  const after = await read();
  return {
    scans: after.scans - before.scans,
    rows: after.rows - before.rows,
    entries: after.entries - before.entries,
  };
}

const list = (filter: ImageFilter, page: Partial<WallPage> = {}) =>
  listImages(one.db, 'default', filter, { limit: 50, offset: 0, ...page });

const filters: [string, ImageFilter, number][] = [
  ['no filter', {}, images - 1],
  ['a batch', { batch_id: 'batch_rare' }, 399],
  ['a model', { model: 'gpt-image-1' }, 399],
  ['a size', { size: '2048x1024' }, 399],
  ['a rating', { rating: 5 }, 399],
  ['the lowest rating', { rating_min: 4 }, 399],
  ['stars', { starred: true }, 399],
  ['edits', { edited: true }, 399],
  ['finals', { derived: true }, 399],
  ['the trash', { trashed: true }, 1],
  ['an album', { album_id: 'alb_1' }, 399],
  ['a custom id', { custom_id: 'picture-77' }, 1],
  ['a job', { job_id: idOf(77) }, 1],
];

test.each(filters)('a page by %s reads no table, and few entries', async (_what, filter, count) => {
  let ids: string[] = [];
  const reads = await readsOf(async () => {
    ids = (await list(filter)).rows.map(({ job_id: id }) => id);
  });
  expect(ids).toHaveLength(Math.min(51, count));
  expect(ids).toEqual(ids.toSorted().toReversed());
  expect(reads).toMatchObject({ scans: 0, rows: 0 });
  // A page of 51 with their jobs and albums; where an order has to be made, all that match.
  expect(reads.entries).toBeLessThan(1_500);
  expect(await countImages(one.db, 'default', filter, {})).toEqual({ count, isComplete: true });
});

test('a jump of 30,000 images reads keys only, and counts from where it began', async () => {
  const newest = { jobId: idOf(images - 10), index: 0 };
  const page = await list({}, { newest, offset: 30_000 });
  expect(page.rows[0]!.job_id).toBe(idOf(images - 10 - 30_000));
  expect(await countImages(one.db, 'default', {}, { newest })).toMatchObject({
    count: images - 11,
  });
  const { rows } = await one.pool.query(
    `explain select i.job_id, i.index from kiln.images i
     where i.project_id = 'default' and i.trashed_at is null
     order by i.job_id desc, i.index offset 30000 limit 51`,
  );
  expect(JSON.stringify(rows)).toContain('Index Only Scan using images_on_wall');
});

test('common words are found among the newest images, rare ones by the index', async () => {
  const common = await list({ q: 'boat' });
  expect(common).toMatchObject({ isComplete: true, continueAfter: null });
  expect(common.rows[0]!.job_id).toBe(idOf(images));

  const found = await list({ q: 'LIGHTHOUSE', metadata: { kind: 'rare' } });
  expect(found).toMatchObject({ isComplete: true, continueAfter: null });
  expect(found.rows.map(({ job_id: id }) => id)).toEqual(
    Array.from({ length: 51 }, (_, index) => idOf(400 - index)),
  );
  const next = await list({ q: 'lighthouse' }, { after: { jobId: idOf(300), index: 0 } });
  expect(next.rows[0]!.job_id).toBe(idOf(299));
  const jump = await list({ q: 'lighthouse' }, { offset: 100 });
  expect(jump.rows[0]!.job_id).toBe(idOf(300));
  expect(await countImages(one.db, 'default', { q: 'lighthouse' }, {})).toEqual({
    count: 399,
    isComplete: true,
  });
});

test('a page before an image is what stands in front of it, also of a search', async () => {
  const before = (n: number) => ({ before: { jobId: idOf(n), index: 0 } });
  const idsOf = async (filter: ImageFilter, n: number, newest?: number) => {
    const page = { limit: 2, offset: 0, ...before(n) };
    const found = await listImages(one.db, 'default', filter, page, newest);
    expect(found).toMatchObject({ isComplete: true, continueAfter: null });
    return found.rows.map(({ job_id: id }) => id);
  };
  const reads = await readsOf(async () => {
    expect(await idsOf({}, 20_000)).toEqual([20_003, 20_002, 20_001].map(idOf));
  });
  expect(reads).toMatchObject({ scans: 0, rows: 0 });
  expect(reads.entries).toBeLessThan(100);
  expect(await idsOf({}, images - 1)).toEqual([idOf(images)]);
  expect(await idsOf({ starred: true }, 199)).toEqual([203, 202, 201].map(idOf));
  expect(await idsOf({ q: 'lighthouse' }, 300)).toEqual([303, 302, 301].map(idOf));
  // Those next to it are all lighthouses, so the boats come from the index, or from the table.
  expect(await idsOf({ q: 'boat' }, 300, 50)).toEqual([403, 402, 401].map(idOf));
  expect(await idsOf({ q: 'bo' }, 300, 50)).toEqual([403, 402, 401].map(idOf));
});

test('two letters are in no index: the newest images are read, and the page says so', async () => {
  const page = await list({ q: 'li' });
  expect(page).toMatchObject({ rows: [], isComplete: false });
  expect(page.continueAfter).toEqual({ jobId: idOf(images - 4_999), index: 0 });
  expect(await countImages(one.db, 'default', { q: 'bo' }, {})).toEqual({
    count: 5_000,
    isComplete: false,
  });
});

test('another project has no images', async () => {
  expect((await listImages(one.db, 'other', {}, { limit: 50, offset: 0 })).rows).toEqual([]);
  expect(await countImages(one.db, 'other', { q: 'boat' }, {})).toMatchObject({ count: 0 });
});
