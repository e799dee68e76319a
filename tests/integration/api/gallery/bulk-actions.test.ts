/**
 * Bulk actions over HTTP, with a worker: what each does, once for each image, what a stop and a
 * resume leave, and what is refused. The wall and selections have tests of their own.
 */
import type { BulkAction } from '@kiln/shared/schemas/gallery/bulk-action';
import { beforeAll, expect, test } from 'vitest';
import { plainPicture, writeImages } from '../../../../scripts/gallery/write-images.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed, readError } from '../support.ts';
import { bulkActionsOf } from './bulk-support.ts';

let kiln: TestKiln;
let bulk: ReturnType<typeof bulkActionsOf>;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  bulk = bulkActionsOf(kiln);
  await writeImages(kiln.deps.records.pool, { images: 9_000, pictures: [plainPicture] });
});

test('each action changes each image, and the numbers add up', async () => {
  const images = await bulk.idsOf(1_200);
  const albums = await bulk.query("select id from kiln.albums where name = 'Album 1'");
  const albumId = String(albums[0]?.['id']);

  const rated = await bulk.run({ action: 'rate', images, params: { rating: 5 } });
  expect(rated).toMatchObject({
    status: 'completed',
    total: 1_200,
    done: 1_200,
    failed: 0,
    failures: [],
    error: null,
  });
  expect(await bulk.count('rating = 5', images)).toBe(1_200);
  await bulk.run({ action: 'rate', images, params: { rating: null } });
  expect(await bulk.count('rating is null', images)).toBe(1_200);
  await bulk.run({ action: 'star', images, params: { starred: true } });
  expect(await bulk.count('starred', images)).toBe(1_200);

  await bulk.run({ action: 'add_to_album', images, params: { album_id: albumId } });
  expect(await bulk.countInAlbum(albumId, images)).toBe(1_200);
  await bulk.run({ action: 'remove_from_album', images, params: { album_id: albumId } });
  expect(await bulk.countInAlbum(albumId, images)).toBe(0);

  await bulk.run({ action: 'trash', images });
  expect(await bulk.count('trashed_at is not null', images)).toBe(1_200);
  await bulk.run({ action: 'restore', images });
  expect(await bulk.count('trashed_at is null and trashed_by is null', images)).toBe(1_200);
});

test('images that are missing or in the trash are failures; the others are changed', async () => {
  const [trashed = '', ...others] = await bulk.idsOf(3);
  await bulk.run({ action: 'trash', images: [trashed] });
  const missing = 'job_nowhere/0';
  const action = await bulk.run({
    action: 'star',
    images: [missing, trashed, ...others, ...others],
    params: { starred: true },
  });
  expect(action).toMatchObject({ status: 'completed', total: 4, done: 2, failed: 2 });
  expect(action.failures.map(({ id, code }) => [id, code])).toEqual([
    [missing, 'image_not_found'],
    [trashed, 'image_in_trash'],
  ]);
  expect(await bulk.count('starred', others)).toBe(2);
});

test('an action on a selection changes what matches, without the exceptions', async () => {
  const [one = '', two = ''] = await bulk.idsOf(1_000);
  await bulk.run({ action: 'rate', images: [one, two], params: { rating: 1 } });
  const unrated = "batch_id = 'batch_gallery0' and rating is null and trashed_at is null";
  const matching = await bulk.countAll(unrated);
  const { id, count: selected } = await bulk.select({
    filter: { batch_id: 'batch_gallery0', unrated: true },
  });
  expect(selected).toBe(matching);
  const action = await bulk.run({ selection_id: id, action: 'rate', params: { rating: 3 } });
  expect(action).toMatchObject({
    selection_id: id,
    status: 'completed',
    total: matching,
    done: matching,
  });
  expect(await bulk.countAll(unrated)).toBe(0);

  const rated = await bulk.countAll('rating = 3 and trashed_at is null');
  const all = await bulk.select({
    filter: { rating: 3 },
    except: [one, ...(await bulk.idsWhere('rating = 3', 3))],
  });
  expect(await bulk.run({ selection_id: all.id, action: 'trash' })).toMatchObject({
    done: rated - 3,
  });
  expect(await bulk.countAll('rating = 3 and trashed_at is null')).toBe(3);

  const trash = await bulk.select({ filter: { trashed: true } });
  const refused = await postJson(`${kiln.url}/v1/bulk_actions`, {
    action: 'star',
    selection_id: trash.id,
    params: { starred: true },
  });
  expect(await readError(refused)).toMatchObject({ status: 400, param: 'selection_id' });
  const wall = await bulk.select({ filter: {} });
  const other = await postJson(`${kiln.url}/v1/bulk_actions`, {
    action: 'restore',
    selection_id: wall.id,
  });
  expect(await readError(other)).toMatchObject({ status: 400, param: 'selection_id' });
  const restored = await bulk.run({ selection_id: trash.id, action: 'restore' });
  expect(restored).toMatchObject({ done: trash.count, failed: 0 });
  expect(await bulk.countAll('trashed_at is not null')).toBe(0);
});

test('an image whose time in the trash is over is not restored', async () => {
  const images = await bulk.idsOf(2);
  const trashed = await bulk.run({ action: 'trash', images });
  await bulk.query(
    `update kiln.images set trashed_at = trashed_at - interval '8 days'
     where job_id || '/' || index = $1`,
    [images[0]],
  );
  const response = await postJson(`${kiln.url}/v1/bulk_actions/${trashed.id}/undo`, {});
  expect(await bulk.ended((await response.json()) as BulkAction)).toMatchObject({
    done: 1,
    failed: 1,
    failures: [{ id: images[0], code: 'image_not_found' }],
  });
});

test('a search for a prompt is a selection too', async () => {
  const { id, count: selected } = await bulk.select({ filter: { q: 'number 17' } });
  expect(selected).toBeGreaterThan(1);
  expect(
    await bulk.run({ selection_id: id, action: 'star', params: { starred: true } }),
  ).toMatchObject({
    done: selected,
  });
});

test('an action whose worker died goes on when the lease has lapsed', async () => {
  const images = await bulk.idsOf(3);
  const action = await bulk.run({ action: 'rate', images, params: { rating: 4 } });
  // The state that a worker leaves when it dies after its first image.
  await bulk.query(
    `update kiln.bulk_actions set status = 'running', cursor_index = 1, done_count = 1,
       lease_expires_at = clock_timestamp() - interval '1 second', finished_at = null
     where id = $1`,
    [action.id],
  );
  await bulk.query(`update kiln.images set rating = 2 where job_id || '/' || index = any($1)`, [
    images,
  ]);
  await waitFor(async () => (await bulk.read(action.id)).status === 'completed', {
    what: 'the reconciler to find the action',
  });
  expect(await bulk.count('rating = 4', images)).toBe(2);
  expect(await bulk.count('rating = 2', images.slice(0, 1))).toBe(1);
});

test('an action that Kiln cannot go on with fails, and can be resumed', async () => {
  const images = await bulk.idsOf(2);
  await bulk.query(`
    create function kiln.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'refused by the test'; end $$;
    create trigger refuse before update of starred on kiln.images for each row
      execute function kiln.refuse()`);
  const { id } = await bulk.create({ action: 'star', images, params: { starred: true } });
  for (let runs = 1; runs <= 5; runs += 1) {
    await waitFor(
      async () => {
        const rows = await bulk.query('select failed_runs from kiln.bulk_actions where id = $1', [
          id,
        ]);
        return rows[0]?.['failed_runs'] === runs;
      },
      { what: `run ${runs} to fail` },
    );
    await bulk.query('update kiln.bulk_actions set retry_at = null where id = $1', [id]);
    await bulk.query("select pg_notify('kiln_bulk_actions', '')");
  }
  const failed = await bulk.ended(await bulk.read(id));
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'run_failed' }, done: 0 });
  await bulk.query('drop trigger refuse on kiln.images; drop function kiln.refuse()');
  await postJson(`${kiln.url}/v1/bulk_actions/${id}/resume`, {});
  expect(await bulk.ended(await bulk.read(id))).toMatchObject({
    status: 'completed',
    done: 2,
    error: null,
  });
});

test('undo restores what the action put in the trash, and nothing else', async () => {
  const images = await bulk.idsOf(700);
  const [before = ''] = images;
  await bulk.run({ action: 'trash', images: [before] });
  const action = await bulk.run({ action: 'trash', images });
  expect(action).toMatchObject({ done: 700 });
  const response = await postJson(`${kiln.url}/v1/bulk_actions/${action.id}/undo`, {});
  expect(response.status).toBe(202);
  const undone = await bulk.ended((await response.json()) as BulkAction);
  expect(undone).toMatchObject({ action: 'restore', status: 'completed', done: 699, total: 699 });
  expect(await bulk.count('trashed_at is not null', images)).toBe(1);
  expect(await bulk.count('trashed_at is not null', [before])).toBe(1);

  const refused = await postJson(`${kiln.url}/v1/bulk_actions/${undone.id}/undo`, {});
  expect(await readError(refused)).toMatchObject({ status: 400, param: 'id' });
});

test('a stopped action changes nothing more, and a resumed one the rest', async () => {
  // The stop and the next chunk want the same lock, and either may be first: there are chunks left.
  const images = await bulk.idsOf(5_200);
  // The row lock holds the worker in its second chunk, whose images are locked by the test.
  const client = await kiln.deps.records.pool.connect();
  await client.query('begin');
  await client.query('select from kiln.images where job_id = $1 for update', [
    images[600]?.split('/')[0],
  ]);
  let stopping: Promise<Response>;
  try {
    const { id } = await bulk.create({ action: 'rate', images, params: { rating: 2 } });
    await waitFor(async () => (await bulk.read(id)).done === 500, { what: 'the first chunk' });
    stopping = postJson(`${kiln.url}/v1/bulk_actions/${id}/stop`, {});
    const waiting = `select 1 as one from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like '%set status = ''stopped''%'`;
    await waitFor(async () => (await bulk.query(waiting)).length === 1, {
      what: 'the stop to wait for the chunk',
    });
  } finally {
    await client.query('commit');
    client.release();
  }
  const stopped = (await (await stopping).json()) as BulkAction;
  expect(stopped).toMatchObject({ status: 'stopped' });
  expect(stopped.done).toBeGreaterThanOrEqual(1_000); // it waited for the second chunk
  expect(stopped.done % 500).toBe(0);
  expect(await bulk.count('rating = 2', images)).toBeGreaterThanOrEqual(stopped.done);

  const again = await postJson(`${kiln.url}/v1/bulk_actions/${stopped.id}/stop`, {});
  expect(again.status).toBe(200);
  const resumed = await postJson(`${kiln.url}/v1/bulk_actions/${stopped.id}/resume`, {});
  expect(resumed.status).toBe(200);
  expect(await bulk.ended((await resumed.json()) as BulkAction)).toMatchObject({
    status: 'completed',
    done: 5_200,
    total: 5_200,
  });
  for (const verb of ['stop', 'resume']) {
    const refused = await postJson(`${kiln.url}/v1/bulk_actions/${stopped.id}/${verb}`, {});
    expect(await readError(refused)).toMatchObject({ status: 409, code: 'bulk_action_ended' });
  }
});

test('again makes one batch with the requests of the images', async () => {
  const [{ job_id: jobId } = {}] = await bulk.query(
    `select job_id from kiln.images join kiln.jobs on id = job_id
     where n = 4 and trashed_at is null group by job_id having count(*) = 4 limit 1`,
  );
  const images = [0, 1, 2].map((index) => `${String(jobId)}/${index}`);
  const single = await bulk.idsWhere(
    'trashed_at is null and job_id in (select id from kiln.jobs where n = 1)',
    1,
  );
  const body = { action: 'again', images: [...images, ...single] };
  const dear = { ...body, params: { max_cost: 0.000001 } };
  const refused = await postJson(`${kiln.url}/v1/bulk_actions`, dear);
  expect(await readError(refused)).toMatchObject({ code: 'max_cost_exceeded' });

  const headers = { 'idempotency-key': 'again' };
  const first = await postJson(`${kiln.url}/v1/bulk_actions`, body, headers);
  const action = (await first.json()) as BulkAction;
  expect(action).toMatchObject({ status: 'completed', total: 4, done: 4, failed: 0 });
  const second = await postJson(`${kiln.url}/v1/bulk_actions`, body, headers);
  expect(await second.json()).toEqual(action);
  const batchId = action.result?.batch_id ?? '';
  const jobs = await waitFor(
    async () => {
      const rows = await bulk.query(
        `select n, request->>'prompt' as prompt from kiln.jobs where batch_id = $1`,
        [batchId],
      );
      return rows.length > 0 && rows;
    },
    { what: 'the rows of the new batch' },
  );
  expect(jobs.map(({ n }) => Number(n)).toSorted((one, other) => one - other)).toEqual([1, 4]);
  const [original] = await bulk.query(
    `select request->>'prompt' as prompt from kiln.jobs where id = $1`,
    [jobId],
  );
  expect(jobs.map(({ prompt }) => prompt)).toContain(original?.['prompt']);
});

test('an album that is gone fails the action', async () => {
  const images = await bulk.idsOf(2);
  const action = await bulk.run({
    action: 'add_to_album',
    images,
    params: { album_id: 'alb_gone' },
  });
  expect(action).toMatchObject({ status: 'failed', error: { code: 'album_not_found' }, done: 0 });
});

test('a request that is repeated with its key makes one action', async () => {
  const body = { action: 'star', images: await bulk.idsOf(1), params: { starred: true } };
  const headers = { 'idempotency-key': 'once' };
  const first = await postJson(`${kiln.url}/v1/bulk_actions`, body, headers);
  const second = await postJson(`${kiln.url}/v1/bulk_actions`, body, headers);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(((await second.json()) as BulkAction).id).toBe(((await first.json()) as BulkAction).id);
  const other = await postJson(
    `${kiln.url}/v1/bulk_actions`,
    { ...body, action: 'trash', params: {} },
    headers,
  );
  expect(await readError(other)).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
});

test('the list has the newest action first', async () => {
  const images = await bulk.idsOf(1);
  await bulk.query('delete from kiln.bulk_actions');
  const ids: string[] = [];
  for (const starred of [true, false, true])
    ids.unshift((await bulk.run({ action: 'star', images, params: { starred } })).id);
  const page = async (path: string) =>
    (await (await kiln.request(path)).json()) as { data: BulkAction[]; has_more: boolean };
  const first = await page('/v1/bulk_actions?limit=2');
  expect([first.data.map(({ id }) => id), first.has_more]).toEqual([ids.slice(0, 2), true]);
  const next = await page(`/v1/bulk_actions?limit=2&after=${ids[1]}`);
  expect([next.data.map(({ id }) => id), next.has_more]).toEqual([ids.slice(2), false]);
});

test('an invalid request is refused, and the error names the field', async () => {
  const images = ['job_a/0'];
  const refused: [object, string][] = [
    [{ action: 'rate' }, 'selection_id'],
    [{ action: 'rate', images }, 'params.rating'],
    [{ action: 'rate', images, params: { rating: 6 } }, 'params.rating'],
    [{ action: 'trash', images, params: { rating: 1 } }, 'params.rating'],
    [{ action: 'trash', images, selection_id: 'sel_a' }, 'images'],
    [{ action: 'trash', images: ['nothing'] }, 'images.0'],
    [{ action: 'trash', images: [] }, 'images'],
    [{ action: 'burn', images }, 'action'],
  ];
  for (const [body, param] of refused) {
    const response = await postJson(`${kiln.url}/v1/bulk_actions`, body);
    expect(await readError(response), JSON.stringify(body)).toMatchObject({ status: 400, param });
  }
});

test('an action that does not exist is not found', async () => {
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/stop'],
    ['POST', '/resume'],
    ['POST', '/undo'],
  ])
    expect(
      await readError(
        await kiln.request(`/v1/bulk_actions/blk_none${path}`, { method: method ?? '' }),
      ),
    ).toMatchObject({ status: 404, code: 'bulk_action_not_found', param: 'id' });
});
