/**
 * Drafts and finals: a batch of cheap drafts, a few of them picked, and their finals by prompt and
 * by edit. What is paid is counted by the simulator.
 */
import type { Batch, BatchValidation } from '@kiln/shared/schemas/batch';
import type { FinalsPreview } from '@kiln/shared/schemas/finals/finals';
import type { ImageDetails } from '@kiln/shared/schemas/gallery/image';
import type { Attempt, Job } from '@kiln/shared/schemas/job';
import { beforeAll, expect, test } from 'vitest';
import { drawMask, drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { postJson, startKiln, type TestKiln } from '../../../support/kiln.ts';
import { callsOf, ledgerOf } from '../../worker/support.ts';
import { reached, send, sendForm } from '../batches/batches-support.ts';
import { engineNamed, readError } from '../support.ts';

let kiln: TestKiln;
let drafts: Batch;
let draftJobs: Job[];

const csv = `custom_id,prompt,filename,place,quality
cat,A cat in {{place}},the-cat.png,Rome,low
dog,A dog in {{place}},,Oslo,low
bird,A bird in {{place}},,Lima,low
,A fish in {{place}},,Kobe,low
`;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  const made = (await (await send(kiln, csv)).json()) as Batch;
  drafts = await reached(kiln, made.id);
  draftJobs = await jobsOf(drafts.id);
});

async function jobsOf(batchId: string): Promise<Job[]> {
  const answer = await kiln.request(`/v1/batches/${batchId}/jobs?limit=100`);
  const { data } = (await answer.json()) as { data: Job[] };
  const { rows } = await kiln.deps.records.pool.query<{ id: string; row: number }>(
    'select id, row_number as row from kiln.jobs where batch_id = $1',
    [batchId],
  );
  const rowOf = new Map(rows.map(({ id, row }) => [id, row]));
  return data.toSorted((one, other) => rowOf.get(one.id)! - rowOf.get(other.id)!);
}

function finals(path: string, body: object, headers: Record<string, string> = {}) {
  return postJson(`${kiln.url}${path}`, body, headers);
}

async function dryRun(path: string, body: object): Promise<FinalsPreview> {
  const answer = await finals(`${path}?dry_run=true`, body);
  expect(answer.status).toBe(200);
  return (await answer.json()) as FinalsPreview;
}

async function makeFinals(path: string, body: object): Promise<{ batch: Batch; jobs: Job[] }> {
  const answer = await finals(path, body);
  const made = (await answer.json()) as Batch;
  expect([answer.status, made]).toMatchObject([201, { object: 'batch' }]);
  const batch = await reached(kiln, made.id);
  expect(batch).toMatchObject({ status: 'completed', errors: null });
  return { batch, jobs: await jobsOf(batch.id) };
}

/** What the ledger says that the jobs have cost. */
async function paidFor(jobs: readonly Job[]): Promise<number> {
  let sum = 0;
  for (const { id } of jobs) {
    const answer = await kiln.request(`/v1/jobs/${id}/attempts`);
    const { data } = (await answer.json()) as { data: Attempt[] };
    sum += data.reduce((cost, attempt) => cost + (attempt.cost.actual ?? 0), 0);
  }
  return sum;
}

const callCount = async () => (await ledgerOf(kiln)).counters.calls;
const imageOf = (job: Job | undefined, index = 0) => `${job?.id}/${index}`;
const rate = (job: Job | undefined, rating: number) =>
  kiln.deps.records.pool.query('update kiln.images set rating = $2 where job_id = $1', [
    job?.id,
    rating,
  ]);

test('finals of rated drafts keep their names, and cost what was said', async () => {
  const [cat, dog, bird] = draftJobs;
  await Promise.all([rate(cat, 5), rate(dog, 4), rate(bird, 2)]);
  const order = { select: { rating_min: 4 }, changes: { quality: 'high' } };
  const preview = await dryRun(`/v1/batches/${drafts.id}/finals`, order);
  const before = await callCount();
  expect(preview).toMatchObject({ object: 'finals.preview', rows: 2, problems: [] });
  expect(preview.drafts_cost).toBeCloseTo(await paidFor(draftJobs), 6);
  expect(preview.drafts_cost).toBeCloseTo(drafts.cost.actual, 6);
  // Four rows of this size and quality, of which two are made.
  expect(preview.all_rows_cost! / preview.cost.estimated).toBeCloseTo(2, 1);
  expect(preview.saving).toBeCloseTo(
    preview.all_rows_cost! - preview.drafts_cost! - preview.cost.estimated,
    6,
  );

  const { batch, jobs } = await makeFinals(`/v1/batches/${drafts.id}/finals`, order);
  expect(
    jobs.map(({ custom_id, metadata, derived_from, request }) => ({
      custom_id,
      metadata,
      derived_from,
      prompt: request.prompt,
      quality: request.quality,
    })),
  ).toEqual([
    {
      custom_id: 'cat',
      metadata: { place: 'Rome' },
      derived_from: imageOf(cat),
      prompt: 'A cat in Rome',
      quality: 'high',
    },
    {
      custom_id: 'dog',
      metadata: { place: 'Oslo' },
      derived_from: imageOf(dog),
      prompt: 'A dog in Oslo',
      quality: 'high',
    },
  ]);
  expect(await callCount()).toBe(before + 2);
  expect(batch.cost.actual).toBeCloseTo(await paidFor(jobs), 6);
  expect(batch.cost.estimated).toBeCloseTo(preview.cost.estimated, 6);
  const manifest = await (await kiln.request(`/v1/batches/${batch.id}/manifest.csv`)).text();
  expect(manifest).toContain('the-cat.png');
});

test('a final by edit sends the picture of its draft, which becomes one file', async () => {
  const [cat, , , fish] = draftJobs;
  const images = [imageOf(fish), imageOf(cat)];
  const order = { select: { images }, changes: { quality: 'medium' }, by: 'edit' };
  const { jobs } = await makeFinals(`/v1/batches/${drafts.id}/finals`, order);
  expect(jobs.map((job) => [job.custom_id, job.derived_from, job.endpoint])).toEqual([
    ['cat', imageOf(cat), '/v1/images/edits'],
    ['row-4', imageOf(fish), '/v1/images/edits'],
  ]);
  for (const [job, draft] of [
    [jobs[0], cat],
    [jobs[1], fish],
  ] as const) {
    const [call] = await callsOf(kiln, job!.id);
    expect(call?.source_sha256).toEqual([draft!.images[0]!.sha256]);
  }
  // Once more: no bytes are stored twice.
  const again = await makeFinals(`/v1/batches/${drafts.id}/finals`, order);
  expect(again.jobs.map(({ request }) => request.images)).toEqual(
    jobs.map(({ request }) => request.images),
  );
});

test('changes that a model does not take are found before anything is stored or sent', async () => {
  const path = `/v1/batches/${drafts.id}/finals`;
  const order = { select: { jobs: [draftJobs[0]!.id] }, changes: { size: '17x17' } };
  const preview = await dryRun(path, order);
  expect(preview).toMatchObject({
    rows: 1,
    problems_total: 1,
    problems: [{ image: imageOf(draftJobs[0]), param: 'size', code: 'unsupported_parameter' }],
  });
  const count = async (): Promise<unknown> => {
    const { rows } = await kiln.deps.records.pool.query<{ batches: number; files: number }>(
      `select (select count(*) from kiln.batches) as batches, (select count(*) from kiln.files
        where deleted_at is null) as files`,
    );
    return { ...rows[0], calls: await callCount() };
  };
  const before = await count();
  expect(await readError(await finals(path, order))).toMatchObject({
    status: 400,
    code: 'unsupported_parameter',
    param: 'size',
  });
  const dear = { select: { jobs: [draftJobs[0]!.id] }, changes: { quality: 'high' }, max_cost: 0 };
  expect(await readError(await finals(path, dear))).toMatchObject({
    status: 400,
    code: 'max_cost_exceeded',
    param: 'max_cost',
  });
  const gone = { select: { images: ['job_none/0'] } };
  expect(await readError(await finals(path, gone))).toMatchObject({
    status: 404,
    code: 'image_not_found',
  });
  expect(await readError(await finals(path, { select: { starred: true } }))).toMatchObject({
    status: 400,
    param: 'select',
  });
  expect(await count()).toEqual(before);
});

test('a repeated order with its key makes one batch, whatever matches by then', async () => {
  const path = `/v1/batches/${drafts.id}/finals`;
  const order = { select: { rating_min: 5 }, changes: { quality: 'low' } };
  const headers = { 'idempotency-key': 'finals-1' };
  const first = await finals(path, order, headers);
  const { id } = (await first.json()) as Batch;
  await reached(kiln, id);
  await rate(draftJobs[1], 5);
  const second = await finals(path, order, headers);
  expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(((await second.json()) as Batch).id).toBe(id);
  const other = await finals(path, { ...order, by: 'edit' }, headers);
  expect(await readError(other)).toMatchObject({ code: 'idempotency_key_reused' });
});

test('one image is finished by a job of its own, which a retry keeps', async () => {
  const [cat] = draftJobs;
  const path = `/v1/jobs/${cat!.id}/finals`;
  const order = { by: 'edit', changes: { quality: 'high' } };
  const preview = await dryRun(path, order);
  expect(preview).toMatchObject({ rows: 1, drafts_cost: null, saving: null });
  // The outcome of both calls is unknown, so a person decides.
  await kiln.control('POST', 'faults', { fault: 'reset', times: 2 });
  const answer = await finals(path, order);
  expect(answer.status).toBe(202);
  const failed = await kiln.ended(((await answer.json()) as Job).id);
  expect(failed).toMatchObject({ status: 'failed', derived_from: imageOf(cat) });
  await kiln.request(`/v1/jobs/${failed.id}/retry`, { method: 'POST' });
  const final = await kiln.ended(failed.id, ['succeeded']);
  expect(final).toMatchObject({ status: 'succeeded', derived_from: imageOf(cat) });
  const call = (await callsOf(kiln, final.id)).at(-1);
  expect(call?.source_sha256).toEqual([cat!.images[0]!.sha256]);
  const details = async (id: string) =>
    (await (await kiln.request(`/v1/images/${id}`)).json()) as ImageDetails;
  const { became } = (await details(imageOf(cat))).lineage;
  expect(became[0]).toMatchObject({ kind: 'final', job_id: final.id });
  const { made_from: madeFrom } = (await details(imageOf(final))).lineage;
  expect(madeFrom).toContainEqual(expect.objectContaining({ kind: 'draft', id: imageOf(cat) }));
  expect(final.cost.estimated).toBeCloseTo(preview.cost.estimated, 6);
  expect(await readError(await finals(path, { index: 7 }))).toMatchObject({
    code: 'image_not_found',
  });
});

test('finals over several batches may be generations and edits in one batch', async () => {
  const [picture, mask] = await Promise.all([drawPicture('png'), drawMask()]);
  const edit = (await (
    await sendForm(kiln, [
      ['file', 'custom_id,prompt,image,mask\ncat,A hat,one.png,hole.png\n', 'rows.csv'],
      ['files', picture, 'one.png'],
      ['files', mask, 'hole.png'],
    ])
  ).json()) as Batch;
  await reached(kiln, edit.id);
  const [hat] = await jobsOf(edit.id);
  const [cat] = draftJobs;
  const images = [imageOf(cat), imageOf(hat)];
  const order = { select: { images }, changes: { quality: 'high' }, name: 'Both' };
  const { batch, jobs } = await makeFinals('/v1/finals', order);
  expect(batch.name).toBe('Both');
  expect(jobs.map((job) => [job.custom_id, job.endpoint, job.derived_from])).toEqual([
    ['cat', '/v1/images/generations', imageOf(cat)],
    ['cat-2', '/v1/images/edits', imageOf(hat)],
  ]);
  expect(jobs[1]!.request).toMatchObject({
    images: hat!.request.images,
    mask: hat!.request.mask,
    quality: 'high',
  });
  const table = await kiln.request(`/v1/batches/${batch.id}/failed.csv`);
  expect(await readError(table)).toMatchObject({ code: 'not_csv' });
});

test('a row of a CSV file names an image as the picture to edit', async () => {
  const [cat] = draftJobs;
  const rows = `custom_id,prompt,image\na,At night,${imageOf(cat)}\nb,By day,job_none/0\n`;
  const { id } = (await (await send(kiln, rows, { on_invalid_rows: 'skip' })).json()) as Batch;
  const batch = await reached(kiln, id);
  expect(batch.errors?.data).toMatchObject([{ code: 'unknown_file', line: 2, param: 'image' }]);
  const [job] = await jobsOf(id);
  const [call] = await callsOf(kiln, job!.id);
  expect(call?.source_sha256).toEqual([cat!.images[0]!.sha256]);
});

test('a job and a JSONL line name the image that they finish, and it must exist', async () => {
  const from = imageOf(draftJobs[0]);
  const job = await kiln.submit({ derived_from: from });
  expect((await kiln.ended(job.id)).derived_from).toBe(from);
  const refused = await postJson(`${kiln.url}/v1/jobs`, { prompt: 'A', derived_from: 'job_x/0' });
  expect(await readError(refused)).toMatchObject({
    status: 404,
    code: 'image_not_found',
    param: 'derived_from',
  });
  const line = (id: string, draft: unknown) =>
    `${JSON.stringify({
      custom_id: id,
      method: 'POST',
      url: '/v1/images/generations',
      derived_from: draft,
      body: { prompt: 'A small boat' },
    })}\n`;
  const jsonl = { 'content-type': 'application/jsonl' };
  const good = (await (await send(kiln, line('a', from), {}, jsonl)).json()) as Batch;
  expect((await reached(kiln, good.id)).status).toBe('completed');
  expect((await jobsOf(good.id))[0]?.derived_from).toBe(from);
  const bad = (await (
    await send(kiln, line('a', 'job_none/0') + line('b', 'cat'), {}, jsonl)
  ).json()) as Batch;
  expect((await reached(kiln, bad.id)).errors?.data).toMatchObject([
    { code: 'unknown_image', line: 1, param: 'derived_from' },
    { code: 'invalid_value', line: 2, param: 'derived_from' },
  ]);
});

test('a selection gives finals, and what it leaves out gives none', async () => {
  const [cat, dog] = draftJobs;
  const filter = { batch_id: drafts.id };
  const except = draftJobs.slice(2).map((job) => imageOf(job));
  const made = await postJson(`${kiln.url}/v1/selections`, { filter, except });
  expect(made.status).toBe(201);
  const { id, count } = (await made.json()) as { id: string; count: number };
  expect(count).toBe(2);
  const { jobs } = await makeFinals('/v1/finals', { select: { selection_id: id } });
  expect(jobs.map((job) => job.derived_from)).toEqual([imageOf(cat), imageOf(dog)]);
  const unknown = await finals('/v1/finals', { select: { selection_id: 'sel_none' } });
  expect(await readError(unknown)).toMatchObject({ status: 404, code: 'selection_not_found' });
});

test('a batch as drafts uses the cheapest model and quality, and says both prices', async () => {
  const rows = 'custom_id,prompt,model,quality,size\na,A tree,gpt-image-1,high,1024x1536\n';
  const options = { as_drafts: 'true' };
  const validate = async (query: Record<string, string>) =>
    (await (await send(kiln, rows, query, {}, '/v1/batches/validate')).json()) as BatchValidation;
  const [written, asDrafts] = [await validate({}), await validate(options)];
  expect(written.as_drafts).toBeNull();
  expect(asDrafts.as_drafts).toMatchObject({
    qualities: ['low'],
    cost: { estimated: asDrafts.cost.estimated },
    as_written: { estimated: written.cost.estimated },
  });
  expect(asDrafts.cost.estimated).toBeLessThan(written.cost.estimated / 10);
  const made = (await (await send(kiln, rows, options)).json()) as Batch;
  const batch = await reached(kiln, made.id);
  expect(batch).toMatchObject({ status: 'completed', as_drafts: true });
  expect(batch.cost.estimated).toBeCloseTo(asDrafts.cost.estimated, 6);
  expect((await jobsOf(batch.id))[0]).toMatchObject({
    model: asDrafts.as_drafts!.models[0],
    request: { quality: 'low', size: '1024x1536' },
  });
});
