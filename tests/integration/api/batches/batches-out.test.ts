/**
 * The dry run of a batch, and its files: failed.csv, failed.jsonl, the manifest and the archive.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { findBatchById } from '@kiln/shared/records/batches/batches';
import type { BatchValidation } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { openArchive } from '@kiln/shared/services/batches/output/archive';
import { picturesOfBatch } from '@kiln/shared/services/batches/output/picture-list';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { unzip, unzipFrontToBack } from '../../../support/unzip.ts';
import { makeBatch, reached, readBatch, sample, send } from './batches-support.ts';
import { countLeft } from '../form.ts';
import { engineNamed } from '../support.ts';

const validate = async (
  kiln: TestKiln,
  ...[body, query]: [Parameters<typeof send>[1], Record<string, string>?]
) => (await (await send(kiln, body, query, {}, '/v1/batches/validate')).json()) as BatchValidation;
const csvOf = async (kiln: TestKiln, path: string) =>
  parse<Record<string, string>>(await (await kiln.request(path)).text(), {
    bom: true,
    columns: true,
  });

const line = JSON.stringify({
  custom_id: '1',
  method: 'POST',
  url: '/v1/images/generations',
  body: { prompt: 'A boat' },
});

describe('a dry run', () => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });
  });

  test('reports rows, cost and duration of a file, and writes nothing', async () => {
    const before = await countLeft(kiln);
    const found = await validate(kiln, await sample('products-cp932.csv'));
    expect(found).toMatchObject({
      object: 'batch.validation',
      rows: 5,
      valid: 5,
      invalid: 0,
      accepted: true,
      problems: [],
      encoding: 'shift_jis',
      delimiter: ',',
    });
    expect(found.columns.map(({ means }) => means)).toContain('prompt');
    expect(found.sample.at(3)).toMatchObject({
      row: 4,
      custom_id: 'jp-1',
      request: { prompt: 'F1レーサーを躍動感あるように描いて。水彩画風に。' },
    });
    expect(found.cost.estimated).toBeGreaterThan(0);
    expect(found.duration_seconds).toBeGreaterThan(0);
    expect(await countLeft(kiln)).toEqual(before);
    const { rows } = await kiln.deps.records.pool.query('select 1 from kiln.batches');
    expect(rows).toEqual([]);
  });

  test('takes the encoding from the content type or the field', async () => {
    const body = Buffer.from('custom_id,prompt\n1,ko\u00f1\n', 'latin1');
    const post = async (type: string, query = ''): Promise<Response> =>
      kiln.request(`/v1/batches/validate${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const promptOf = async (response: Response): Promise<unknown> =>
      ((await response.json()) as { sample: { request: { prompt: string } }[] }).sample[0]?.request
        .prompt;
    expect(await promptOf(await post('text/csv; charset=windows-1250'))).toBe('koń');
    expect(await promptOf(await post('text/csv; charset="ISO_8859-1"'))).toBe('koñ');
    expect(await promptOf(await post('text/csv; charset=utf-8', '?encoding=cp1250'))).toBe('koń');
    expect(await (await post('text/csv')).json()).toMatchObject({
      accepted: false,
      encoding: null,
      problems: [{ row: 1, code: 'invalid_encoding' }],
    });
    const refused = await post('text/csv; charset=klingon');
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(
      'encoding: received \\"klingon\\"; it takes an encoding',
    );
  });

  test('reports every mistake with row, column and value', async () => {
    const found = await validate(kiln, await sample('invalid-rows.csv'));
    expect(found).toMatchObject({
      rows: 8,
      valid: 1,
      invalid: 7,
      accepted: false,
      problems_total: 7,
    });
    expect(found.problems[1]).toMatchObject({ row: 3, column: 'size', value: '1000x1000' });
    expect(
      await validate(kiln, await sample('invalid-rows.csv'), { on_invalid_rows: 'skip' }),
    ).toMatchObject({
      accepted: true,
    });
  });

  test('reports the same cost and problems as the batch', async () => {
    const other = await startKiln({ engine: engineNamed('postgres') });
    const found = await validate(other, await sample('products-utf8.csv'));
    const { id } = await makeBatch(other, await sample('products-utf8.csv'));
    expect((await reached(other, id)).cost.estimated).toBe(found.cost.estimated);
  });

  test('estimates the duration from the quota', async () => {
    const slow = await startKiln({
      engine: engineNamed('postgres'),
      workers: false,
      env: { KILN_RPM: '6' },
    });
    const text = `prompt\n${'A boat\n'.repeat(60)}`;
    const { duration_seconds: seconds } = await validate(slow, text);
    expect(Math.abs((seconds ?? 0) - 59 * 10 - 20)).toBeLessThan(30);
  });

  test.each([
    ['text/plain; charset=utf-8', 'sep=;\ncustom_id;prompt\n1;A boat\n', ';'],
    ['application/csv', 'prompt\nA boat\n', ','],
    ['application/vnd.ms-excel', 'prompt\tn\nA boat\t1\n', '\t'],
    ['application/octet-stream', line, null],
    ['text/plain', line, null],
  ])('takes a body of the type %s', async (type, body, delimiter) => {
    const headers = { 'content-type': type };
    const response = await send(kiln, body, {}, headers, '/v1/batches/validate');
    const found = (await response.json()) as BatchValidation;
    expect(found).toMatchObject({ accepted: true, valid: 1, delimiter });
    expect(found.notes.map(({ code }) => code)).toEqual(
      delimiter === ';' ? ['separator_line'] : [],
    );
  });

  test('reports pictures that did not come with the file', async () => {
    const found = await validate(kiln, 'prompt,image\nA boat,boat.png\n');
    expect(found.problems).toMatchObject([
      { row: 1, column: 'image', code: 'unknown_file', value: 'boat.png' },
    ]);
  });

  test('takes an uploaded JSONL file', async () => {
    const form = new FormData();
    form.append('purpose', 'batch');
    const lines = ['A boat', 'A harbour'].map((prompt, index) =>
      JSON.stringify({
        custom_id: `${index}`,
        method: 'POST',
        url: '/v1/images/generations',
        body: { prompt },
      }),
    );
    form.append('file', new File([lines.join('\n')], 'rows.jsonl'));
    const file = (await (
      await kiln.request('/v1/files', { method: 'POST', body: form })
    ).json()) as {
      id: string;
    };
    const response = await kiln.request('/v1/batches/validate', {
      method: 'POST',
      body: JSON.stringify({ input_file_id: file.id }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await response.json()).toMatchObject({
      rows: 2,
      valid: 2,
      encoding: 'utf-8',
      delimiter: null,
    });
  });
});

describe('the files of a batch', () => {
  let kiln: TestKiln;
  let id: string;
  beforeAll(async () => {
    kiln = await startKiln({ engine: engineNamed('postgres') });
    await kiln.control('POST', 'faults', {
      fault: 'azure filter, snake case',
      prompt_contains: 'forbidden',
      times: null,
    });
    const rows = [
      'custom_id,filename,prompt,n,出典',
      'a,朝霧.png,A small boat,2,海',
      'A,朝霧,A harbour,1,港',
      'x/y,,A lighthouse,1,灯',
      'd,,forbidden,1,"=1+1"',
      ',,A teapot,1,陶',
      'f,,,1,空',
    ];
    const made = await makeBatch(kiln, rows.join('\n'), { on_invalid_rows: 'skip' });
    id = (await reached(kiln, made.id)).id;
  });

  test('the manifest has a line for every picture, and for every row without one', async () => {
    const manifest = await csvOf(kiln, `/v1/batches/${id}/manifest.csv`);
    expect(manifest.map(({ row, file, status }) => [row, file, status])).toEqual([
      ['1', '朝霧-1.png', 'succeeded'],
      ['1', '朝霧-2.png', 'succeeded'],
      ['2', '朝霧.png', 'succeeded'],
      ['3', 'x_y.png', 'succeeded'],
      ['4', '', 'failed'],
      ['5', 'row-5.png', 'succeeded'],
    ]);
    expect(manifest[4]).toMatchObject({ error_code: 'content_policy', prompt: 'forbidden' });
    const cost = manifest.reduce((sum, line) => sum + Number(line['cost_usd']), 0);
    expect(cost).toBeCloseTo((await readBatch(kiln, id)).cost.actual, 6);
  });

  test('the archive holds the stored pictures and the manifest', async () => {
    const response = await kiln.request(`/v1/batches/${id}/archive.zip`);
    const zip = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(zip.length));
    const head = await kiln.request(`/v1/batches/${id}/archive.zip`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(zip.length)]);
    const files = unzip(zip);
    const manifest = await csvOf(kiln, `/v1/batches/${id}/manifest.csv`);
    const named = manifest.filter(({ file }) => file !== '');
    expect([...files.keys()]).toEqual([...named.map(({ file }) => file), 'manifest.csv']);
    expect(unzipFrontToBack(zip)).toEqual(files);
    for (const { file = '', sha256 } of named)
      expect(createHash('sha256').update(files.get(file)!).digest('hex')).toBe(sha256);
  });

  test('a picture that an earlier release stored is read once for its checksum', async () => {
    const { db, pool } = kiln.deps.records;
    const checksums = async () =>
      (
        await pool.query<{ crc32: number | null }>(
          `select crc32 from kiln.images join kiln.jobs on id = job_id where jobs.batch_id = $1
            order by row_number, index`,
          [id],
        )
      ).rows.map(({ crc32 }) => crc32);
    let opened = 0;
    const store = {
      ...kiln.deps.store,
      get: (...asked: Parameters<typeof kiln.deps.store.get>) => {
        opened += 1;
        return kiln.deps.store.get(...asked);
      },
    };
    const readArchive = async () => {
      opened = 0;
      const { bytes, open } = await openArchive(
        { db, store },
        picturesOfBatch(db, (await findBatchById(db, id))!),
      );
      const zip = await buffer(open());
      expect(zip.length).toBe(bytes);
      return zip;
    };
    const whole = await readArchive();
    const kept = await checksums();
    expect([opened, kept.length]).toEqual([5, 5]);
    expect(kept).not.toContain(null);
    await pool.query('update kiln.images set crc32 = null');
    expect(await readArchive()).toEqual(whole);
    expect([opened, await checksums()]).toEqual([10, kept]);
    expect(await readArchive()).toEqual(whole);
    expect(opened).toBe(5);
  });

  test('an archive whose download stops after a header leaves no picture open', async () => {
    const { records, store } = kiln.deps;
    const opened: Readable[] = [];
    const watched = {
      ...store,
      get: async (...asked: Parameters<typeof store.get>) => {
        const object = await store.get(...asked);
        if (object !== null) opened.push(object.stream);
        return object;
      },
    };
    const batch = await findBatchById(records.db, id);
    const { open } = await openArchive(
      { db: records.db, store: watched },
      picturesOfBatch(records.db, batch!),
    );
    const pieces = open();
    await pieces.next();
    await pieces.return(undefined);
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  test('failed rows come back in their own columns, with formulas guarded', async () => {
    const text = await (await kiln.request(`/v1/batches/${id}/failed.csv?bom=1`)).arrayBuffer();
    const raw = Buffer.from(text).toString();
    expect(raw.startsWith('\ufeffcustom_id,filename,prompt,n,出典,error_code,error\r\n')).toBe(
      true,
    );
    expect(raw).toContain(`d,,forbidden,1,'=1+1,content_policy,`);
    const [, last] = await csvOf(kiln, `/v1/batches/${id}/failed.csv`);
    expect(last).toMatchObject({
      custom_id: 'f',
      出典: '空',
      error_code: 'missing_required_parameter',
    });
  });

  test('failed.csv of a refused batch has its invalid rows', async () => {
    const made = await reached(kiln, (await makeBatch(kiln, await sample('invalid-rows.csv'))).id);
    expect(await csvOf(kiln, `/v1/batches/${made.id}/failed.csv`)).toHaveLength(7);
  });

  test('failed lines of JSONL come back as CSV, and as lines that can be sent again', async () => {
    const line = (customId: string, prompt: string) =>
      JSON.stringify({
        custom_id: customId,
        method: 'POST',
        url: '/v1/images/generations',
        body: { prompt, size: '1024x1024', user: 'u-1', metadata: { season: 'winter' } },
      });
    const jsonl = { 'content-type': 'application/jsonl' };
    const made = await makeBatch(
      kiln,
      [line('1', 'forbidden'), line('2', 'A boat')].join('\n'),
      {},
      jsonl,
    );
    await reached(kiln, made.id);
    expect(await csvOf(kiln, `/v1/batches/${made.id}/failed.csv`)).toMatchObject([
      { custom_id: '1', prompt: 'forbidden', size: '1024x1024', error_code: 'content_policy' },
    ]);
    const failed = await (await kiln.request(`/v1/batches/${made.id}/failed.jsonl`)).text();
    expect(JSON.parse(failed)).toEqual({
      ...(JSON.parse(line('1', 'forbidden')) as object),
      error: { code: 'content_policy', message: expect.any(String) as string },
    });
    const mended = await makeBatch(kiln, failed.replace('forbidden', 'A mended boat'), {}, jsonl);
    expect((await reached(kiln, mended.id)).request_counts).toMatchObject({
      total: 1,
      completed: 1,
    });
    const ofCsv = await kiln.request(`/v1/batches/${id}/failed.jsonl`);
    expect(await ofCsv.json()).toMatchObject({ error: { code: 'not_jsonl' } });
  });

  test('the archive of a batch that has not ended has no content-length', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const made = await makeBatch(kiln, 'prompt\nA boat\n');
    await reached(kiln, made.id, ['in_progress']);
    const response = await kiln.request(`/v1/batches/${made.id}/archive.zip`);
    expect(response.headers.get('content-length')).toBeNull();
    const zip = Buffer.from(await response.arrayBuffer());
    expect([...unzip(zip).keys()]).toEqual(['manifest.csv']);
    expect(unzipFrontToBack(zip)).toEqual(unzip(zip));
    await kiln.control('PATCH', 'settings', { gate: false });
    const ended = await reached(kiln, made.id);
    const jobs = (await (await kiln.request(`/v1/batches/${ended.id}/jobs`)).json()) as {
      data: Job[];
    };
    expect(jobs.data).toHaveLength(1);
  });
});
