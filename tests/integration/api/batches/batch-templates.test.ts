/** Batches from JSON without a file: a template with its values, and a list of prompts. */
import type { BatchRows } from '@kiln/shared/schemas/batches/batch-row';
import type { Batch, BatchValidation } from '@kiln/shared/schemas/batch';
import { buildTemplateTable } from '@kiln/shared/services/batches/templates/template-table';
import { beforeAll, describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { engineNamed, readError } from '../support.ts';
import { reached, send } from './batches-support.ts';

let kiln: TestKiln;
beforeAll(async () => {
  kiln = await startKiln({
    engine: engineNamed('postgres'),
    env: { KILN_MAX_BATCH_ROWS: '500' },
  });
});

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  kiln.request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

async function run(body: object): Promise<{ batch: Batch; rows: BatchRows['data'] }> {
  const response = await post('/v1/batches', body);
  if (!response.ok) throw new Error(await response.text());
  const batch = await reached(kiln, ((await response.json()) as Batch).id);
  const page = await kiln.request(`/v1/batches/${batch.id}/rows`);
  return { batch, rows: ((await page.json()) as BatchRows).data };
}

const validate = async (body: object) =>
  (await (await post('/v1/batches/validate', body)).json()) as BatchValidation;

const prompts = (rows: BatchRows['data']) => rows.map(({ prompt }) => prompt);

describe('a template', () => {
  test('makes a row for each object of values; other names are fields or metadata', async () => {
    const { batch, rows } = await run({
      template: 'A {{colour}} boat, {{{{draft}}',
      values: [
        { colour: 'red', custom_id: 'one', sku: 17 },
        { Colour: 'blue', custom_id: 'two', size: '1536x1024' },
      ],
      defaults: { size: '1024x1024' },
    });
    expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 2 } });
    expect(prompts(rows)).toEqual(['A red boat, {{draft}}', 'A blue boat, {{draft}}']);
    expect(rows.map(({ custom_id: id }) => id)).toEqual(['one', 'two']);
    const jobs = await Promise.all(rows.map(({ job_id: id }) => kiln.read(id ?? '')));
    expect(jobs.map(({ request }) => request.size)).toEqual(['1024x1024', '1536x1024']);
    expect(jobs.map(({ metadata }) => metadata)).toEqual([
      { colour: 'red', sku: '17' },
      { colour: 'blue' },
    ]);
  });

  test('makes a row for each combination of a matrix, the last list changing fastest', async () => {
    const { rows } = await run({
      template: 'A {{thing}} in {{ style }}',
      matrix: { thing: ['boat', 'tree'], style: ['oil', 'ink', 'wax'] },
    });
    expect(prompts(rows)).toEqual([
      'A boat in oil',
      'A boat in ink',
      'A boat in wax',
      'A tree in oil',
      'A tree in ink',
      'A tree in wax',
    ]);
  });

  test('is read as a CSV file with these columns would be', async () => {
    const csv =
      'prompt,colour,size\n"A {{colour}} boat",=red,auto\n"A {{colour}} boat","b,l ",99x1\n';
    const sent = await send(kiln, csv, {}, {}, '/v1/batches/validate');
    const values = [
      { colour: '=red', size: 'auto' },
      { colour: 'b,l ', size: '99x1' },
    ];
    // The duration depends on the moment.
    const { duration_seconds: _then, ...fromFile } = (await sent.json()) as BatchValidation;
    const { duration_seconds: _now, ...fromTemplate } = await validate({
      template: 'A {{colour}} boat',
      values,
    });
    expect(fromTemplate).toEqual(fromFile);
    expect(fromFile).toMatchObject({ rows: 2, valid: 1 });
  });

  test('is the same request when it is sent again with the same Idempotency-Key', async () => {
    const body = { template: 'A {{a}}', matrix: { a: ['boat'] } };
    const [first, second] = [
      await post('/v1/batches', body, { 'idempotency-key': 'template' }),
      await post('/v1/batches', body, { 'idempotency-key': 'template' }),
    ];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
  });

  const missing = {
    template: 'A {{colour}} {{thing}}',
    values: [{ colour: 'red', thing: 'boat' }, { thing: 'tree' }, { colour: ' ', thing: null }],
  };

  test('a missing value is refused, and validation lists each by row and column', async () => {
    const refused = await readError(await post('/v1/batches', missing));
    expect(refused).toMatchObject({ status: 400, param: 'values.1.colour' });
    expect(refused.message).toContain('values.2.thing: received ""');
    const { valid, problems } = await validate(missing);
    expect(valid).toBe(1);
    expect(problems.map(({ row, column, code }) => [row, column, code])).toEqual([
      [2, 'colour', 'missing_required_parameter'],
      [3, 'colour', 'missing_required_parameter'],
      [3, 'thing', 'missing_required_parameter'],
    ]);
  });

  test('rows without a value are skipped where invalid rows are', async () => {
    const { batch, rows } = await run({ ...missing, on_invalid_rows: 'skip' });
    expect(batch.status).toBe('completed');
    expect(rows.map(({ status }) => status)).toEqual(['succeeded', 'invalid', 'invalid']);
  });

  const many = (length: number) => Array.from({ length }, (_, index) => `v${index}`);

  test.each([
    ['without values', { template: 'A' }, 'values', 'takes values'],
    ['with both', { template: 'A', values: [{}], matrix: {} }, 'values', 'send one of them'],
    ['without template', { values: [{ a: 'b' }] }, 'template', 'template'],
    ['that is empty', { template: '', values: [{}] }, 'template', ''],
    ['no rows', { template: 'A {{a}}', values: [] }, 'values', ''],
    ['an unknown variable', { template: 'A {{b}}', values: [{ a: 'x' }] }, 'template', '{{b}}'],
    ['a useless list', { template: 'A', matrix: { b: ['x'] } }, 'matrix.b', 'no {{b}}'],
    ['an empty list', { template: 'A {{b}}', matrix: { b: [] } }, 'matrix.b', ''],
    ['an empty text', { template: 'A {{b}}', matrix: { b: ['x', ''] } }, 'matrix.b.1', 'text'],
    ['a text twice', { template: 'A {{b}}', matrix: { b: ['x', 'x'] } }, 'matrix.b.1', '"x"'],
    ['a name twice', { template: 'A', values: [{ a: 'x', 'A ': 'y' }] }, 'values.0.A ', 'twice'],
    ['its own prompt', { template: 'A', values: [{ prompt: 'x' }] }, 'values.0.prompt', 'prompt'],
    ['a nested value', { template: 'A {{a}}', values: [{ a: ['x'] }] }, 'values.0.a', ''],
    [
      'too many rows',
      { template: '{{a}} {{b}}', matrix: { a: many(30), b: many(30) } },
      'matrix',
      '900 rows',
    ],
    ['a file encoding', { template: 'A', values: [{}], encoding: 'utf-8' }, 'encoding', ''],
  ])('refuses %s', async (_what, body, param, words) => {
    for (const path of ['/v1/batches', '/v1/batches/validate']) {
      const error = await readError(await post(path, body));
      expect(error).toMatchObject({ status: 400, param });
      expect(error.message).toContain(words);
    }
  });

  test('refuses rows that no file could hold', () => {
    const lists = { a: many(100), b: many(100) };
    const make = () =>
      buildTemplateTable(
        { template: `${'x'.repeat(31_000)}{{a}}{{b}}`, values: undefined, matrix: lists },
        { maxRows: 100_000, mayMissValues: false },
      );
    expect(make).toThrow(expect.objectContaining({ code: 'file_too_large', param: 'template' }));
  });
});

describe('a list of prompts', () => {
  test('is sent as it is', async () => {
    const list = ['A boat, "red"', '{{colour}} and {{{', '=1+1\nsecond line'];
    const { rows } = await run({ prompts: list });
    expect(prompts(rows)).toEqual(list);
  });

  test('refuses a prompt by its position', async () => {
    const error = await readError(await post('/v1/batches', { prompts: ['A boat', ''] }));
    expect(error).toMatchObject({ status: 400, param: 'prompts.1' });
  });
});

test('a body without any input says what it takes', async () => {
  const error = await readError(await post('/v1/batches', { priority: 'bulk' }));
  expect(error).toMatchObject({ status: 400, param: 'input_file_id' });
  expect(error.message).toContain('template');
});
