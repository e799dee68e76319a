/** `/v1/batches` with JSON, a form or a file as the body: what it refuses, and what it accepts. */
import type { Batch } from '@kiln/shared/schemas/batch';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { makeBatch, reached, rowsOf, send } from './batches-support.ts';
import { readError } from '../support.ts';

describe('creating and reading batches', () => {
  test.each([
    ['an endpoint that is not served', { endpoint: '/v1/chat/completions' }, 'endpoint'],
    ['a deadline in the past', { deadline: '1000' }, 'deadline'],
    ['a field that does not exist', { colour: 'red' }, 'colour'],
    ['defaults that are not JSON', { defaults: '{' }, 'defaults'],
  ])('refuses %s and stores nothing', async (_what, query, param) => {
    const kiln = await refusing();
    expect(await readError(await send(kiln, 'prompt\nA boat\n', query))).toMatchObject({
      status: 400,
      param,
    });
    expect(await kiln.deps.store.list('files/', { limit: 1 })).toEqual([]);
  });

  let started: Promise<TestKiln> | null = null;
  const refusing = () => (started ??= startKiln({ engine: engines[0]!, workers: false }));
  beforeAll(async () => {
    await refusing();
  });

  test('a file that does not exist is a 404', async () => {
    const kiln = await refusing();
    const response = await kiln.request('/v1/batches', {
      method: 'POST',
      body: JSON.stringify({ input_file_id: 'file-1' }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await readError(response)).toMatchObject({
      status: 404,
      code: 'file_not_found',
      param: 'input_file_id',
    });
  });

  test('a batch that does not exist is a 404', async () => {
    const kiln = await refusing();
    for (const path of ['', '/jobs', '/failed.csv', '/manifest.csv', '/archive.zip'])
      expect(await readError(await kiln.request(`/v1/batches/batch_1${path}`))).toMatchObject({
        status: 404,
        code: 'batch_not_found',
      });
  });

  test('the same key makes one batch and keeps one file', async () => {
    const kiln = await refusing();
    const headers = { 'idempotency-key': 'one' };
    const first = await makeBatch(kiln, rowsOf(1), {}, headers);
    expect((await makeBatch(kiln, rowsOf(1), {}, headers)).id).toBe(first.id);
    expect(await readError(await send(kiln, rowsOf(2), {}, headers))).toMatchObject({
      status: 422,
    });
    expect(await kiln.deps.store.list('files/', { limit: 9 })).toHaveLength(1);
    const named = { body: JSON.stringify({ input_file_id: first.input_file_id }), method: 'POST' };
    const post = async () =>
      (await (
        await kiln.request('/v1/batches', {
          ...named,
          headers: { 'content-type': 'application/json', 'idempotency-key': 'two' },
        })
      ).json()) as Batch;
    expect((await post()).id).toBe((await post()).id);
  });

  test('a form may have its fields on both sides of a large file', async () => {
    const kiln = await refusing();
    const form = new FormData();
    form.append('on_invalid_rows', 'skip');
    form.append('file', new File([rowsOf(60_000)], '依頼.csv'));
    form.append('defaults', '{"size": "1024x1024"}');
    form.append('metadata', '{"order": "17"}');
    const response = await kiln.request('/v1/batches', { method: 'POST', body: form });
    expect(await response.json()).toMatchObject({
      status: 'validating',
      on_invalid_rows: 'skip',
      metadata: { order: '17' },
    });
  });

  test('a batch with one row too many fails, and one at the limit completes', async () => {
    const small = await startKiln({ engine: engines[0]!, env: { KILN_MAX_BATCH_ROWS: '3' } });
    const batch = await reached(
      small,
      (await makeBatch(small, rowsOf(4), { on_invalid_rows: 'skip' })).id,
    );
    expect(batch).toMatchObject({
      status: 'failed',
      errors: { data: [{ code: 'too_many_tasks' }] },
    });
    expect(await reached(small, (await makeBatch(small, rowsOf(3))).id)).toMatchObject({
      status: 'completed',
    });
  });

  test('a row with hundreds of problems is reported with ten of them', async () => {
    const kiln = await refusing();
    const fields = Object.fromEntries(Array.from({ length: 490 }, (_, n) => [`x${n}`, 1]));
    const [method, url] = ['POST', '/v1/images/generations'];
    const body = { prompt: 'A boat', ...fields };
    const response = await kiln.request('/v1/batches/validate', {
      method: 'POST',
      body: JSON.stringify({ custom_id: 'a', method, url, body }),
      headers: { 'content-type': 'application/jsonl' },
    });
    const { problems_total: total, problems } = (await response.json()) as {
      problems_total: number;
      problems: { message: string }[];
    };
    expect(total).toBeLessThanOrEqual(10);
    expect(problems.at(-1)?.message).toMatch(/; the row has more problems$/);
  });

  test('a list of batches has ten problems of each, and the batch has all', async () => {
    const small = await startKiln({ engine: engines[0]! });
    const rows = Array.from({ length: 30 }, (_, row) => `A boat,no number ${row}`);
    const made = await makeBatch(small, ['prompt,n', ...rows].join('\n'));
    const batch = await reached(small, made.id);
    expect(batch.errors).toMatchObject({ total: 30, object: 'list' });
    expect(batch.errors?.data).toHaveLength(30);
    const list = (await (await small.request('/v1/batches')).json()) as { data: Batch[] };
    expect(list.data).toEqual([
      { ...batch, errors: { ...batch.errors, data: batch.errors?.data.slice(0, 10) } },
    ]);
  });

  test('a CSV body may be larger than the limit of JSON bodies', async () => {
    const kiln = await refusing();
    expect(await makeBatch(kiln, rowsOf(100_000))).toMatchObject({ status: 'validating' });
  });
});
