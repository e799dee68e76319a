/**
 * Wide and deep JSON: refused by every door before it is parsed, and harmless where an earlier
 * release stored it.
 */
import type { BatchValidation } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { startKiln } from '../../../support/kiln.ts';
import { makeBatch, reached, rowsOf, send, sendForm } from '../batches/batches-support.ts';
import { boundary, field, toBody } from '../form.ts';
import { countEffects, engineNamed, readError, type JobList } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const png = await drawPicture('png');

const nested = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
const deep = `{"prompt":"a","provider_options":{"x":${nested(5_000)}}}`;
const wide = `{"prompt":"a","provider_options":{"x":[${'0,'.repeat(200_000)}0]}}`;
const fields = Array.from({ length: 501 }, (_, index) => `"x${index}":1`).join();
const manyFields = `{"prompt":"a","provider_options":{${fields}}}`;
const large = `{"prompt":"a","provider_options":{"x":"${'y'.repeat(70_000)}"}}`;

const postText = (path: string, body: string) =>
  kiln.request(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

describe('a body', () => {
  const paths = [
    '/v1/jobs',
    '/v1/images/generations',
    '/v1/images/edits',
    '/openai/deployments/simulator/images/generations',
    '/v1/batches',
    '/v1/batches/validate',
    '/v1/webhook_endpoints',
  ];
  test.each(
    paths.flatMap((path) => [deep, wide, manyFields, nested(100_000)].map((body) => [path, body])),
  )('%s refuses %.50s', async (path, body) => {
    const before = await countEffects(kiln);
    const { status, message } = await readError(await postText(path, body));
    expect(status).toBe(400);
    expect(message).toMatch(
      /^the body has (more than (32 objects|10,000 fields)|an object of more than 500)/,
    );
    expect(await countEffects(kiln)).toEqual(before);
  });

  test('of a megabyte besides its pictures is refused, and pictures do not count', async () => {
    const images = [{ image_url: `data:image/png;base64,${'A'.repeat(2_000_000)}` }];
    const body = { prompt: 'a', images };
    const metadata = { a: 'b'.repeat(1_100_000) };
    const larger = await readError(
      await postText('/v1/jobs', JSON.stringify({ ...body, metadata })),
    );
    expect(larger).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(await readError(await postText('/v1/jobs', JSON.stringify(body)))).toMatchObject({
      status: 400,
      code: 'image_format_unsupported',
    });
  });

  test('has at most 65,536 bytes of provider_options, of which a warning names a few', async () => {
    const { status, param, message } = await readError(await postText('/v1/jobs', large));
    expect([status, param]).toEqual([400, 'provider_options']);
    expect(message).toMatch(/more than 65,536 bytes as JSON/);
    const names = Array.from({ length: 500 }, (_, index) => [`option-${index}`, 1]);
    const job = await kiln.submit({ provider_options: Object.fromEntries(names) });
    expect(job.warnings.at(-1)?.message).toMatch(/option-9 and 490 more will be sent/);
  });
});

describe('JSON text in', () => {
  const options = `{"provider_options":{"x":${nested(1_000)}}}`;
  const form = (parts: Parameters<typeof toBody>[0], path: string) =>
    kiln.request(path, {
      method: 'POST',
      body: toBody(parts),
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  const csv = rowsOf(1);

  test.each<[string, () => Promise<Response>, string]>([
    [
      'a field of a batch',
      () =>
        sendForm(kiln, [
          ['file', csv, 'a.csv'],
          ['defaults', options],
        ]),
      'defaults',
    ],
    ['a query', () => send(kiln, csv, { defaults: options }), 'defaults'],
    [
      'a field of an edit',
      () =>
        form(
          [
            field('prompt', 'a'),
            ['name="image"; filename="a.png"', png],
            field('provider_options', nested(50)),
          ],
          '/v1/images/edits',
        ),
      'provider_options',
    ],
    [
      'a field that the form declares as JSON',
      () =>
        form(
          [
            ['name="defaults"', `{"a":${nested(30_000)}}`, 'content-type: application/json'],
            ['name="file"; filename="a.csv"', csv],
          ],
          '/v1/batches',
        ),
      'defaults',
    ],
  ])('%s', async (_what, request, param) => {
    const error = await readError(await request());
    expect([error.status, error.code]).toEqual([400, 'invalid_request']);
    expect(error.message).toMatch(new RegExp(`^${param}: has more than 32 objects and arrays`));
  });

  test('a cell of a CSV file', async () => {
    const cell = `{"model":${nested(20_000)}}`;
    const response = await send(kiln, `prompt,svg\na,${cell}\n`, {}, {}, '/v1/batches/validate');
    const { problems } = (await response.json()) as BatchValidation;
    expect(problems).toMatchObject([{ row: 1, column: 'svg', code: 'invalid_value' }]);
    expect(problems[0]?.message).toContain('at most 32 objects and arrays');
  });
});

describe('what an earlier release stored', () => {
  /** Writes options into a job as an earlier release accepted them. */
  const store = (id: string, options: string) =>
    kiln.deps.records.pool.query(
      `update kiln.jobs set request = jsonb_set(request, '{provider_options}', $2::jsonb)
        where id = $1`,
      [id, options],
    );
  const read = async (path: string) => {
    const response = await kiln.request(path);
    expect(response.status).toBe(200);
    return response.text();
  };

  test.each([
    ['4,300 levels', `{"x":${nested(4_300)}}`],
    ['hundreds of kilobytes', `{"x":[${'1,'.repeat(200_000)}1]}`],
  ])('in %s stops neither lists nor answers', async (_what, options) => {
    const { id } = await kiln.submit({ prompt: 'stored long ago' });
    await kiln.ended(id);
    await store(id, options);
    for (const path of ['/v1/jobs', '/v1/jobs?q=long%20ago']) {
      const text = await read(path);
      expect(text).toContain(id);
      expect(text.length).toBeLessThan(20_000);
    }
    const text = await read(`/v1/jobs/${id}`);
    expect(text.length).toBeLessThan(20_000);
    expect((JSON.parse(text) as Job).request.prompt).toBe('stored long ago');
    await kiln.request(`/v1/jobs/${id}`, { method: 'DELETE' });
  });

  test('in a batch stops neither its lists nor its files', async () => {
    const { id } = await makeBatch(kiln, rowsOf(1));
    await reached(kiln, id);
    const list = JSON.parse(await read(`/v1/batches/${id}/jobs`)) as JobList;
    await store(list.data[0]?.id ?? '', `{"x":${nested(4_300)}}`);
    expect(await read(`/v1/batches/${id}/jobs`)).not.toContain('provider_options');
    const [line] = parse<{ asked: string }>(await read(`/v1/batches/${id}/manifest.csv`), {
      columns: true,
    });
    expect(line?.asked).toBe('{}');
  });

  test('lists leave provider_options out, and the answer of the job has them', async () => {
    const { id } = await kiln.submit({ provider_options: { tone: 'warm' } });
    const list = JSON.parse(await read('/v1/jobs?limit=1')) as JobList;
    expect(list.data[0]).toMatchObject({ id, warnings: [{}, { code: 'provider_options' }] });
    expect(list.data[0]?.request).not.toHaveProperty('provider_options');
    expect((await kiln.read(id)).request.provider_options).toEqual({ tone: 'warm' });
  });
});
