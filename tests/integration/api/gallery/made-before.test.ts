/**
 * What was made before is offered or reused, and never paid for twice. The simulator counts the
 * calls.
 */
import type { Batch, BatchValidation } from '@kiln/shared/schemas/batch';
import type { ImageOffer, Job } from '@kiln/shared/schemas/job';
import { submitJob } from '@kiln/shared/services/jobs/jobs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { attemptsOf, eventTypesOf, ledgerOf, sha256 } from '../../worker/support.ts';
import { reached, send } from '../batches/batches-support.ts';
import { field, filePart, upload } from '../form.ts';
import { engineNamed } from '../support.ts';

let kiln: TestKiln;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
});

const callCount = async () => (await ledgerOf(kiln)).counters.calls;
const made = async (body: Record<string, unknown>) => kiln.ended((await kiln.submit(body)).id);

async function post(body: object, headers: Record<string, string> = {}) {
  const answer = await postJson(`${kiln.url}/v1/jobs`, body, headers);
  return { status: answer.status, body: (await answer.json()) as Job & Omit<ImageOffer, 'object'> };
}

async function bytesOf(job: Job): Promise<string> {
  const answer = await fetch(job.images[0]!.url);
  expect(answer.status).toBe(200);
  return sha256(new Uint8Array(await answer.arrayBuffer()));
}

async function remove(job: Job): Promise<void> {
  const answer = await kiln.request(`/v1/jobs/${job.id}`, { method: 'DELETE' });
  expect(answer.status).toBe(200);
}

test('an offer shows what was made before, and creates nothing', async () => {
  const first = await post({ prompt: 'A caf\u00e9', dedupe: 'offer' });
  expect(first.status).toBe(202);
  const job = await kiln.ended(first.body.id);
  const before = await callCount();
  // The same request: the defaults are written out, and the letter is composed differently.
  const same = {
    prompt: 'A cafe\u0301',
    n: 1,
    size: 'auto',
    output_format: 'png',
    metadata: { order: '2' },
    user: 'someone',
    dedupe: 'offer',
  };
  const { status, body } = await post(same);
  expect([status, body.object, body.made_before.map(({ id }) => id)]).toEqual([
    200,
    'image.offer',
    [job.id],
  ]);
  expect(body.made_before[0]!.images).toEqual(job.images);
  expect(await callCount()).toBe(before);
  for (const other of [{ n: 2 }, { quality: 'low' }, { prompt: 'A Café' }])
    expect(await kiln.ended((await post({ ...same, ...other })).body.id)).toBeTruthy();
});

test('a reused job succeeds at once, at no cost, with bytes of its own', async () => {
  const job = await made({ prompt: 'A lighthouse' });
  const before = await callCount();
  const { status, body: reused } = await post({ prompt: 'A lighthouse', dedupe: 'reuse' });
  expect(status).toBe(200);
  expect(reused).toMatchObject({
    status: 'succeeded',
    reused_from: job.id,
    cost: { actual: 0, at_risk: 0 },
    attempts: { made: 0 },
    images: [{ sha256: job.images[0]!.sha256 }],
  });
  expect(await kiln.read(reused.id)).toMatchObject({ status: 'succeeded', reused_from: job.id });
  expect(await attemptsOf(kiln, reused.id)).toEqual([]);
  expect(await eventTypesOf(kiln, reused.id)).toEqual(['job.created', 'job.succeeded']);
  expect(await callCount()).toBe(before);

  // Each of the two keeps its picture when the other one is deleted.
  await remove(job);
  expect(await bytesOf(reused)).toBe(job.images[0]!.sha256);
  const again = await post({ prompt: 'A lighthouse', dedupe: 'reuse' });
  expect(again.body.reused_from).toBe(reused.id);
  await remove(again.body);
  expect(await bytesOf(reused)).toBe(job.images[0]!.sha256);
  await remove(reused);
  const anew = await post({ prompt: 'A lighthouse', dedupe: 'reuse' });
  expect(await kiln.ended(anew.body.id)).toMatchObject({ status: 'succeeded', reused_from: null });
  expect(await callCount()).toBe(before + 1);
});

test('what is gone, in the trash, or of another project is made as usual', async () => {
  const job = await made({ prompt: 'A harbour' });
  const before = await callCount();
  const { pool } = kiln.deps.records;
  const ask = async () => {
    const { body } = await post({ prompt: 'A harbour', dedupe: 'reuse' });
    const ended = await kiln.ended(body.id);
    expect(ended).toMatchObject({ status: 'succeeded', reused_from: null });
    await remove(ended);
  };
  await pool.query('update kiln.images set trashed_at = now() where job_id = $1', [job.id]);
  await ask();
  await pool.query('update kiln.images set trashed_at = null where job_id = $1', [job.id]);
  await pool.query(`update kiln.jobs set project_id = 'other' where id = $1`, [job.id]);
  await ask();
  await pool.query(`update kiln.jobs set project_id = 'default' where id = $1`, [job.id]);
  const { rows } = await pool.query<{ object_key: string }>(
    'select object_key from kiln.images where job_id = $1',
    [job.id],
  );
  await kiln.deps.store.delete(rows[0]!.object_key);
  await ask();
  expect(await callCount()).toBe(before + 3);
});

test('a repeated key gets the reused job again', async () => {
  await made({ prompt: 'A mill' });
  const headers = { 'idempotency-key': 'mill' };
  const first = await post({ prompt: 'A mill', dedupe: 'reuse' }, headers);
  const second = await post({ prompt: 'A mill', dedupe: 'reuse' }, headers);
  expect(first.body.reused_from).not.toBeNull();
  expect(second.body).toEqual(first.body);
});

test('a reused job that the database did not confirm keeps its pictures', async () => {
  const job = await made({ prompt: 'A pier' });
  const api = createApiDeps(kiln.deps, new AbortController().signal);
  onTestFinished(() => api.close());
  const { intake } = api.jobs;
  const lost = new Error('the answer of the commit was lost');
  const deps: typeof api.jobs = {
    ...api.jobs,
    intake: {
      ...intake,
      async createReused(...written) {
        await intake.createReused(...written);
        throw lost;
      },
    },
  };
  const caller = { projectId: 'default', requestId: 'req_pier', baseUrl: kiln.url };
  const request = { prompt: 'A pier', dedupe: 'reuse' } as const;
  await expect(submitJob(deps, caller, request, null)).rejects.toBe(lost);
  const { rows } = await kiln.deps.records.pool.query<{ id: string }>(
    'select id from kiln.jobs where reused_from = $1',
    [job.id],
  );
  expect(await bytesOf(await kiln.read(rows[0]!.id))).toBe(job.images[0]!.sha256);
});

test('the pictures of an edit count by their bytes, whatever file holds them', async () => {
  const picture = await drawPicture('png');
  const other = await drawPicture('jpeg');
  const fileOf = async (bytes: Buffer) =>
    (await upload(kiln, [field('purpose', 'vision'), filePart(bytes, 'a.png')])).id;
  const [one, two, three] = await Promise.all([fileOf(picture), fileOf(picture), fileOf(other)]);
  const edit = (id: string) => ({ prompt: 'At night', images: [{ file_id: id }] });
  const job = await made(edit(one));
  const before = await callCount();
  expect((await post({ ...edit(two), dedupe: 'reuse' })).body.reused_from).toBe(job.id);
  expect(await callCount()).toBe(before);
  const { body } = await post({ ...edit(three), dedupe: 'reuse' });
  expect((await kiln.ended(body.id)).reused_from).toBeNull();
});

test('OpenAI clients get the picture that was made before, and never an offer', async () => {
  const job = await made({ prompt: 'A bridge' });
  const before = await callCount();
  const ask = async (dedupe: string) => {
    const body = { prompt: 'A bridge', response_format: 'url', dedupe };
    const answer = await postJson(`${kiln.url}/v1/images/generations`, body);
    expect(answer.status).toBe(200);
    const { data } = (await answer.json()) as { data: { url: string }[] };
    return sha256(new Uint8Array(await (await fetch(data[0]!.url)).arrayBuffer()));
  };
  expect(await ask('reuse')).toBe(job.images[0]!.sha256);
  expect(await callCount()).toBe(before);
  await ask('offer');
  expect(await callCount()).toBe(before + 1);
});

test('a batch reuses rows without a call; its counts, cost and archive are right', async () => {
  await made({ prompt: 'A red boat' });
  await made({ prompt: 'A blue boat' });
  const before = await callCount();
  const csv = 'custom_id,prompt\na,A red boat\nb,A green boat\nc,A blue boat\nd,A green boat\n';
  const dryRun = (await (
    await send(kiln, csv, { dedupe: 'reuse' }, {}, '/v1/batches/validate')
  ).json()) as BatchValidation;
  expect(dryRun.made_before).toMatchObject({ count: 2 });
  expect(dryRun.made_before!.cost.estimated).toBeCloseTo(dryRun.cost.estimated / 2, 4);
  expect(dryRun.duplicates).toMatchObject({ count: 1, rows: [{ row: 4, same_as: 2 }] });
  expect(dryRun.duplicates.cost.estimated).toBeCloseTo(dryRun.cost.estimated / 4, 4);

  const { id } = (await (await send(kiln, csv, { dedupe: 'reuse' })).json()) as Batch;
  const batch = await reached(kiln, id);
  expect(batch).toMatchObject({
    status: 'completed',
    dedupe: 'reuse',
    request_counts: { total: 4, completed: 4, failed: 0 },
  });
  expect(await callCount()).toBe(before + 2);
  const { data } = (await (await kiln.request(`/v1/batches/${id}/jobs`)).json()) as {
    data: Job[];
  };
  const paid = data.filter((job) => job.reused_from === null);
  expect(new Set(paid.map((job) => job.custom_id))).toEqual(new Set(['b', 'd']));
  let ledger = 0;
  for (const job of data)
    for (const attempt of await attemptsOf(kiln, job.id)) ledger += attempt.cost.actual ?? 0;
  expect(batch.cost.actual).toBeCloseTo(ledger, 6);
  for (const job of data) expect(await bytesOf(job)).toBe(job.images[0]!.sha256);
  const manifest = await (await kiln.request(`/v1/batches/${id}/manifest.csv`)).text();
  expect(manifest.trim().split('\n')).toHaveLength(5);
});
