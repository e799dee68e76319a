/** `GET /v1/queue`: what starts next, over all batches. */
import { takeWindow } from '@kiln/shared/records/jobs/dispatches';
import { beforeEach, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { engineNamed, readError, readQueue } from '../support.ts';

/** A window of 8 and no worker: 8 jobs are dispatched, the others wait in the records. */
const kiln = await startKiln({
  engine: engineNamed('postgres'),
  env: { KILN_RPM: '6' },
  workers: false,
});
const { pool, db } = kiln.deps.records;

beforeEach(async () => {
  await pool.query('truncate kiln.jobs cascade');
});

const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

/** Adds rows of a batch that wait in the records, as a worker would write them. */
async function addRows(batchId: string, count: number): Promise<void> {
  await pool.query(
    `insert into kiln.jobs (id, project_id, batch_id, row_number, custom_id, endpoint, model, route,
       request, metadata, warnings, priority, fair_tag, max_attempts, request_id, n)
     select 'job_' || md5($1 || n), 'default', $1, n, 'row ' || n, '/v1/images/edits',
       'gpt-image-2', 'simulator', jsonb_build_object('prompt', repeat('é', 300), 'size',
       '1024x1024', 'images', jsonb_build_array(jsonb_build_object('file_id', 'file-' || n))),
       '{}', '[]', 1, n, 5, '', 2 from generate_series(1, $2::int) n`,
    [batchId, count],
  );
}

test('an entry says which job it is, and when it should start', async () => {
  await addRows('batch_a', 1);
  const { id } = await kiln.submit({ prompt: 'A lighthouse', quality: 'low' });
  const { data, has_more: hasMore } = await readQueue(kiln);
  expect(hasMore).toBe(false);
  expect(data).toMatchObject([
    {
      id,
      object: 'queue.entry',
      status: 'queued',
      batch_id: null,
      row: null,
      custom_id: null,
      prompt: 'A lighthouse',
      size: null,
      n: 1,
      model: 'gpt-image-2',
      priority: 'interactive',
      source_file_id: null,
      pool: 'default',
      starts_in_seconds: 0,
      reason: 'pace',
      because: null,
      until: null,
    },
    {
      batch_id: 'batch_a',
      row: 1,
      custom_id: 'row 1',
      prompt: 'é'.repeat(200),
      size: '1024x1024',
      n: 2,
      priority: 'bulk',
      source_file_id: 'file-1',
      reason: 'priority',
    },
  ]);
  const [first, second] = data;
  // One spacing of ten seconds and a little lies between them.
  expect(second!.starts_in_seconds! - first!.starts_in_seconds!).toBeGreaterThanOrEqual(10);
  expect(second!.starts_at! - first!.starts_at!).toBeGreaterThanOrEqual(10);
});

test('the order is that in which jobs are dispatched, before and after they are', async () => {
  await addRows('batch_a', 12);
  await addRows('batch_b', 6);
  for (let count = 0; count < 3; count += 1) await kiln.submit({ priority: 'bulk' });
  const { id } = await kiln.submit();
  const before = idsOf((await readQueue(kiln, '?limit=100')).data);
  expect(before).toHaveLength(22);
  expect(before[0]).toBe(id);

  await kiln.deps.dispatcher.run('default');
  expect(idsOf((await readQueue(kiln, '?limit=100')).data)).toEqual(before);
  const [place] = kiln.deps.pools;
  // The dispatcher takes the others in the same order, a window after the other.
  const dispatched = (
    await pool.query<{ id: string }>('select id from kiln.jobs where dispatched_at is not null')
  ).rows;
  const rest = await takeWindow(db, place!, 100);
  const { rows: window } = await pool.query<{ id: string }>(
    `select id from kiln.jobs where id = any($1) order by priority, fair_tag, id`,
    [idsOf(dispatched)],
  );
  expect([...idsOf(window), ...idsOf(rest)]).toEqual(before);
});

test('interactive jobs overtake the bulk jobs of the window, and claimed ones lead', async () => {
  const bulk = [await kiln.submit({ priority: 'bulk' }), await kiln.submit({ priority: 'bulk' })];
  await kiln.deps.dispatcher.run('default');
  await pool.query(
    `update kiln.jobs set status = 'in_progress', lease_owner = 'wrk_1',
      lease_expires_at = 'infinity' where id = $1`,
    [bulk[0]!.id],
  );
  const more = await kiln.submit({ priority: 'bulk' });
  expect((await readQueue(kiln)).data).toMatchObject([
    { id: bulk[0]!.id, status: 'in_progress' },
    { id: bulk[1]!.id, status: 'queued' },
    { id: more.id },
  ]);
  const urgent = await kiln.submit();
  expect(idsOf((await readQueue(kiln)).data)).toEqual(idsOf([urgent, ...bulk, more]));
  // A call that has begun starts no more.
  await pool.query(
    `insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker)
      values ($1, 1, 'default', 'simulator', 'default', 'wrk_1')`,
    [bulk[0]!.id],
  );
  expect(idsOf((await readQueue(kiln)).data)).toEqual(idsOf([urgent, bulk[1]!, more]));
});

test('the limit is 20 unless it is given, and 100 at most', async () => {
  await addRows('batch_a', 130);
  expect(await readQueue(kiln)).toMatchObject({ data: { length: 20 }, has_more: true });
  expect(await readQueue(kiln, '?limit=3')).toMatchObject({ data: { length: 3 }, has_more: true });
  expect(await readQueue(kiln, '?limit=100')).toMatchObject({
    data: { length: 100 },
    has_more: true,
  });
  for (const query of ['?limit=101', '?limit=0', '?after=x'])
    expect((await readError(await kiln.request(`/v1/queue${query}`))).status).toBe(400);
});

test('jobs of a paused batch and of other projects are left out', async () => {
  await addRows('batch_a', 3);
  await addRows('batch_b', 3);
  await pool.query(`update kiln.jobs set parked = true where batch_id = 'batch_a'`);
  expect((await readQueue(kiln)).data.map((entry) => entry.batch_id)).toEqual(
    Array.from({ length: 3 }, () => 'batch_b'),
  );
  await pool.query(`update kiln.jobs set project_id = 'other' where row_number = 1`);
  const { data } = await readQueue(kiln);
  expect(data.map(({ row }) => row)).toEqual([2, 3]);
  // The job of the other project takes its turn all the same.
  expect(data[0]!.starts_in_seconds).toBeGreaterThanOrEqual(10);
});

test('a paused pool has an order and no times; an unknown one is refused', async () => {
  await addRows('batch_a', 2);
  await postJson(`${kiln.url}/v1/pools/default/pause`, {});
  const { data } = await readQueue(kiln, '?pool=default');
  expect(data).toMatchObject(
    [1, 2].map((row) => ({
      row,
      pool: 'default',
      starts_at: null,
      starts_in_seconds: null,
      reason: 'pool_paused',
      because: { code: 'operator' },
    })),
  );
  await postJson(`${kiln.url}/v1/pools/default/resume`, {});
  expect((await readQueue(kiln, '?pool=default')).data[0]!.starts_in_seconds).toBe(0);
  const refusal = await readError(await kiln.request('/v1/queue?pool=nowhere'));
  expect(refusal).toMatchObject({
    status: 404,
    code: 'pool_not_found',
    param: 'pool',
    message: 'pool: there is no pool "nowhere"; there are default',
  });
});
