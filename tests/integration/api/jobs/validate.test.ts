/** `POST /v1/jobs/validate`: the dry run says what a submission would say, and stores nothing. */
import { jobValidationSchema, type JobValidation } from '@kiln/shared/schemas/jobs/job-validation';
import { beforeAll, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { drawMask, drawPicture, toDataUrl } from '../../../support/pictures/edit-pictures.ts';
import { countLeft, field, filePart, upload } from '../form.ts';
import { countEffects, engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
const { pool } = kiln.deps.records;

async function validate(body: unknown): Promise<JobValidation> {
  const response = await postJson(`${kiln.url}/v1/jobs/validate`, body);
  expect(response.status).toBe(200);
  return jobValidationSchema.strict().parse(await response.json());
}

let picture = '';
let mask = '';
let png: Buffer;
beforeAll(async () => {
  png = await drawPicture('png');
  const uploadPicture = async (bytes: Buffer, name: string) =>
    (await upload(kiln, [field('purpose', 'vision'), filePart(bytes, name)])).id;
  picture = await uploadPicture(png, 'a.png');
  mask = await uploadPicture(await drawMask(), 'mask.png');
  // Nine calls of another model that took 40 seconds each.
  await pool.query(
    `with done as (
       insert into kiln.jobs (id, project_id, endpoint, model, route, request, metadata, warnings,
         priority, max_attempts, request_id, status)
       select 'job_9' || n, 'default', '', 'gpt-image-1.5', 'simulator', '{"prompt": ""}', '{}',
         '[]', 0, 5, '', 'succeeded' from generate_series(1, 9) n returning id)
     insert into kiln.attempts (job_id, no, project_id, deployment, pool, worker, status,
       started_at, finished_at)
     select id, 1, 'default', 'simulator', 'default', '', 'succeeded', now(), now() +
       interval '40 seconds' from done`,
  );
});

const wanted = { prompt: 'A small boat', size: '1024x1024', quality: 'low', n: 2 };

test('a valid request is shown with cost, place and time as the job has them', async () => {
  const before = await countEffects(kiln);
  const found = await validate(wanted);
  expect(found).toMatchObject({ valid: true, problems: [] });
  expect(await countEffects(kiln)).toEqual(before);

  const job = await kiln.submit(wanted);
  expect(found).toMatchObject({
    endpoint: job.endpoint,
    model: job.model,
    deployment: job.deployment,
    request: job.request,
    warnings: job.warnings,
    cost: { estimated: job.cost.estimated, estimate_basis: job.cost.estimate_basis },
    queue: {
      position: job.queue?.position,
      eta_seconds: job.queue?.eta_seconds,
      reason: 'pace',
      pool: 'default',
    },
  });
  // Two images of 196 tokens for 30 dollars a million, 12 bytes of prompt for 5, and three calls.
  expect(found.cost).toMatchObject({ at_most: (3 * (2 * 196 * 30 + 12 * 5)) / 1e6 });
  expect(found.cost).toMatchObject({ at_most_calls: 3, at_most_reason: null });
  const { starts_in_seconds: inSeconds, starts_at: at, finishes_at: end } = found.queue!;
  expect(inSeconds).toBe(found.queue!.eta_seconds! - 20);
  expect(end).toMatchObject({ earliest: at! + 10, calls: 0 });
  expect([at! + 120, at! + 121]).toContain(end?.latest);
});

test('every problem is reported at once', async () => {
  const { valid, problems, cost, queue, request } = await validate({
    prompt: '',
    n: 11,
    size: '1000x17',
    outputformat: 'png',
    output_compression: 50,
    metadata: { a: 1 },
    images: [{ file_id: picture }, { file_id: 'file-none' }, { image_url: 'https://x.example' }],
    mask: { file_id: 'file-nothing' },
  });
  expect(valid).toBe(false);
  expect(problems.map(({ param, code }) => [param, code])).toEqual([
    ['prompt', 'invalid_request'],
    ['n', 'invalid_request'],
    ['images.2', 'invalid_request'],
    ['metadata.a', 'invalid_request'],
    ['outputformat', 'unknown_parameter'],
    ['images.1', 'file_not_found'],
    ['mask', 'file_not_found'],
    ['size', 'unsupported_parameter'],
    ['output_compression', 'unsupported_parameter'],
  ]);
  for (const { param, message } of problems) expect(message).toContain(`${param}: `);
  expect(cost).toMatchObject({ estimated: null, at_most: null });
  expect([queue, request]).toEqual([null, null]);
});

test('a problem has the words, the code and the field of the refusal', async () => {
  const wrong = await drawMask({ width: 16, height: 16 });
  const bodies: Record<string, unknown>[] = [
    { prompt: 7 },
    { n: 0 },
    { priority: 'soon' },
    { provider_options: { quality: 'high' } },
    { quality: 'max' },
    { model: '' },
    { mask: { file_id: mask } },
    { images: [] },
    { images: [{ file_id: 'file-none' }] },
    { images: [{ image_url: toDataUrl(Buffer.from('no picture')) }] },
    { images: [{ file_id: picture }], mask: { image_url: toDataUrl(wrong) } },
    { webhook_events: ['job.failed'] },
    { webhook_url: 'http://127.0.0.1/hook' },
  ];
  for (const body of bodies) {
    const request = { prompt: 'A boat', model: 'gpt-image-2', ...body };
    const refusal = await readError(await postJson(`${kiln.url}/v1/jobs`, request));
    const { problems } = await validate(request);
    const { param, code, message } = refusal;
    expect(problems, JSON.stringify(body)).toEqual([{ param, code, message }]);
  }
});

test('an edit may name files or hold its pictures, and nothing of it is kept', async () => {
  const before = await countLeft(kiln);
  const images = [{ file_id: picture }, { image_url: toDataUrl(png) }];
  const found = await validate({ ...wanted, images, mask: { file_id: mask } });
  expect(found).toMatchObject({
    valid: true,
    endpoint: '/v1/images/edits',
    request: {
      images: [{ file_id: picture }, { image_url: 'data:' }],
      mask: { file_id: mask },
    },
  });
  expect(found.cost.estimated).toBeGreaterThan((await validate(wanted)).cost.estimated!);
  expect(found.cost.at_most).toBeGreaterThan((await validate(wanted)).cost.at_most!);
  expect(await countLeft(kiln)).toEqual(before);
});

test('a prompt that is still missing hides neither the cost nor the time', async () => {
  const { prompt: _prompt, ...others } = wanted;
  const found = await validate(others);
  expect(found).toMatchObject({ valid: false, problems: [{ param: 'prompt' }], request: others });
  expect(found.request).not.toHaveProperty('prompt');
  expect(found.cost.estimated).toBeGreaterThan(0);
  expect(found.queue).not.toBeNull();
});

test('a model without a price has no limit of cost, and the answer says why', async () => {
  expect(await validate({ prompt: 'A boat', model: 'gpt-image-99' })).toMatchObject({
    valid: true,
    warnings: [{ code: 'simulator' }, { code: 'unknown_model' }],
    cost: {
      estimated: null,
      at_most: null,
      at_most_reason: 'the model table has no price for the model',
    },
  });
});

test('a paused pool has no time, and the reason says so', async () => {
  await postJson(`${kiln.url}/v1/pools/default/pause`, {});
  // What is closed is read once a second.
  const queue = await waitFor(
    async () =>
      ((found) => found?.reason === 'pool_paused' && found)((await validate(wanted)).queue),
    { what: 'the pause to be seen' },
  );
  expect(queue).toMatchObject({ starts_at: null, starts_in_seconds: null, finishes_at: null });
  await postJson(`${kiln.url}/v1/pools/default/resume`, {});
  await waitFor(async () => (await validate(wanted)).queue?.starts_at !== null, {
    what: 'the resumption to be seen',
  });
});

test('the end follows from the calls of the model that were answered', async () => {
  const { queue } = await validate({ prompt: 'A boat', model: 'gpt-image-1.5' });
  const { starts_at: at, finishes_at: end } = queue!;
  expect(end?.calls).toBe(9);
  for (const time of [end!.earliest, end!.latest]) {
    expect(time - at!).toBeGreaterThanOrEqual(39);
    expect(time - at!).toBeLessThanOrEqual(42);
  }
});

test.each([['[]'], ['"text"'], ['7'], ['']])('a body of %j is refused', async (body) => {
  const response = await kiln.request('/v1/jobs/validate', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(await readError(response)).toMatchObject({ status: 400, code: 'invalid_request' });
});

test('the dry run of a file says what its rows cost at most', async () => {
  const send = async (csv: string) =>
    (await (
      await kiln.request('/v1/batches/validate', {
        method: 'POST',
        body: csv,
        headers: { 'content-type': 'text/csv' },
      })
    ).json()) as { cost: { estimated: number; at_most: number; at_most_reason: string | null } };
  const single = await validate({ ...wanted, n: 1 });
  const { cost } = await send(
    'prompt,size,quality\nA small boat,1024x1024,low\nA small boat,1024x1024,low\n',
  );
  expect(cost.at_most).toBeCloseTo(2 * single.cost.at_most!, 9);
  expect(cost.at_most_reason).toBeNull();
  const unknown = await send('prompt,model\nA boat,gpt-image-2\nA boat,gpt-image-99\n');
  expect(unknown.cost).toMatchObject({
    at_most: null,
    at_most_reason: '1 of 2 rows: the model table has no price for the model',
  });
});
