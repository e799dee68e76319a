/** Accepted `POST /v1/jobs`: the response, its headers, its warnings. */
import { jobSchema } from '@kiln/shared/schemas/job';
import { describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { engineNamed, readJob } from '../support.ts';

// Run no worker: accepted jobs stay queued, so that the first response equals a later read.
const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });

function submit(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return postJson(`${kiln.url}/v1/jobs`, body, headers);
}

async function warningsOf(body: object): Promise<string[]> {
  const response = await submit({ prompt: 'A boat', ...body });
  expect(response.status).toBe(202);
  return (await readJob(response)).warnings.map(({ code }) => code);
}

test('an accepted job is a 202 with its location and a time to retry', async () => {
  const before = Math.floor(Date.now() / 1000);
  const response = await submit({
    prompt: 'A small boat in morning fog',
    n: 2,
    metadata: { order: '17' },
  });
  expect(response.status).toBe(202);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const job = jobSchema.parse(await response.json());
  expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  const retryAfter = Number(response.headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
  expect(response.headers.get('idempotent-replayed')).toBeNull();

  expect(job.id).toMatch(/^job_[0-9a-f]{32}$/);
  expect(job).toMatchObject({
    object: 'image.job',
    status: 'queued',
    endpoint: '/v1/images/generations',
    deployment: 'simulator',
    started_at: null,
    finished_at: null,
    cancel_requested_at: null,
    images: [],
    usage: null,
    error: null,
    priority: 'interactive',
    batch_id: null,
    custom_id: null,
    metadata: { order: '17' },
    request: {
      prompt: 'A small boat in morning fog',
      n: 2,
    },
    attempts: {
      made: 0,
      max: 5,
    },
    cost: {
      currency: 'usd',
      actual: null,
      at_risk: 0,
    },
  });
  expect(job.created_at).toBeGreaterThanOrEqual(before);
  expect(job.queue?.position).toBeGreaterThanOrEqual(0);
});

test('reading an accepted job returns the same job', async () => {
  const accepted = await kiln.submit({
    quality: 'low',
    size: '1024x1024',
    user: 'u',
    priority: 'bulk',
  });
  const location = `/v1/jobs/${accepted.id}`;
  const { queue: _then, ...job } = accepted;
  const { queue: _now, ...read } = await readJob(await kiln.request(location));
  expect(read).toEqual(job);
  expect(read.cost.estimated).toBeGreaterThan(0);
});

test('a queued job has its queue position', async () => {
  const first = await kiln.submit({ priority: 'interactive' });
  const second = await kiln.submit({ priority: 'interactive' });
  await kiln.deps.dispatcher.run('default'); // a position is counted while nothing moves
  const [one, other] = [await kiln.read(first.id), await kiln.read(second.id)];
  expect((other.queue?.position ?? 0) - (one.queue?.position ?? 0)).toBe(1);
});

describe('x-request-id', () => {
  test('is the caller’s own when it is harmless', async () => {
    const response = await submit({ prompt: 'A boat' }, { 'x-request-id': 'my-own:id.17' });
    expect(response.headers.get('x-request-id')).toBe('my-own:id.17');
    const { id } = await readJob(response);
    const row = await kiln.deps.records.db
      .selectFrom('kiln.jobs')
      .select('request_id')
      .where('id', '=', id)
      .executeTakeFirst();
    expect(row?.request_id).toBe('my-own:id.17');
  });

  test.each([
    ['with a space', 'a b'],
    ['too long', 'x'.repeat(101)],
    ['of another script', 'caf\u00e9'],
  ])('is a new one when the caller sends one %s, or none', async (_what, sent) => {
    const [odd, none] = await Promise.all([
      kiln.request('/v1/jobs', { headers: { 'x-request-id': sent } }),
      kiln.request('/v1/jobs'),
    ]);
    expect(odd.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(none.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(none.headers.get('x-request-id')).not.toBe(odd.headers.get('x-request-id'));
  });

  test('is on errors as well', async () => {
    const response = await kiln.request('/v1/nothing', { headers: { 'x-request-id': 'lost' } });
    expect(response.headers.get('x-request-id')).toBe('lost');
  });
});

describe('warnings', () => {
  test('every job of the simulator has that warning first', async () => {
    const response = await submit({ prompt: 'A boat' });
    const { warnings } = await readJob(response);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: 'simulator' });
    expect(warnings[0]?.message).toMatch(/nothing is paid/);
  });

  test('an unknown model is accepted', async () => {
    const response = await submit({ prompt: 'A boat', model: 'gpt-image-9' });
    const job = await readJob(response);
    expect(job.model).toBe('gpt-image-9');
    expect(job.cost.estimated).toBeNull();
    expect(job.warnings.map(({ code }) => code)).toEqual(['simulator', 'unknown_model']);
    expect(job.warnings[1]?.message).toMatch(/^model: .*gpt-image-9/);
  });

  test('provider_options are kept and warned about', async () => {
    const response = await submit({ prompt: 'A boat', provider_options: { sharpness: 3 } });
    const job = await readJob(response);
    expect(job.request.provider_options).toEqual({ sharpness: 3 });
    expect(job.warnings[1]).toMatchObject({ code: 'provider_options' });
    expect(job.warnings[1]?.message).toMatch(/sharpness/);
  });

  test.each<[string, object, string[]]>([
    [
      'a size the model supports experimentally',
      { size: '3840x2160' },
      ['simulator', 'size_experimental'],
    ],
    ['the largest size it is sure of', { size: '2560x1440' }, ['simulator']],
    [
      'a transparent background',
      { background: 'transparent' },
      ['simulator', 'background_preview'],
    ],
    ['a model that was shut down', { model: 'gpt-image-1' }, ['simulator', 'model_retired']],
  ])('%s', async (_what, body, codes) => {
    expect(await warningsOf(body)).toEqual(codes);
  });
});

describe('the largest accepted', () => {
  test('a prompt of 32,000 characters, kept to the last', async () => {
    const prompt = `${'船'.repeat(31_999)}!`;
    const job = await kiln.submit({ prompt });
    expect((await kiln.read(job.id)).request.prompt).toBe(prompt);
  });

  test('a prompt of 32,000 characters outside of the basic plane', async () => {
    const prompt = '🚢'.repeat(32000);
    const job = await kiln.submit({ prompt });
    expect((await kiln.read(job.id)).request.prompt).toBe(prompt);
  });

  test('16 pairs of metadata of 64 and 512 characters', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, index) => [String(index).padStart(64, 'k'), 'v'.repeat(512)]),
    );
    expect((await kiln.read((await kiln.submit({ metadata })).id)).metadata).toEqual(metadata);
  });

  test('ten images, compression of 0 and of 100', async () => {
    expect((await kiln.submit({ n: 10 })).request.n).toBe(10);
    for (const output_compression of [0, 100]) {
      const job = await kiln.submit({ output_format: 'jpeg', output_compression });
      expect(job.request.output_compression).toBe(output_compression);
    }
  });
});
