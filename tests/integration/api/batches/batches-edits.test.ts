/**
 * Batches whose rows name pictures: files of the project, or pictures that come with the batch,
 * single or in a zip.
 */
import type { Batch, BatchValidation } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawMask, drawPicture } from '../../../support/pictures/edit-pictures.ts';
import { startKiln, type TestKiln } from '../../../support/kiln.ts';
import { buildZip } from '../../../support/zip.ts';
import type { LedgerEntry } from '../../../../apps/simulator/src/ledger.ts';
import { callsOf, sha256 } from '../../worker/support.ts';
import { reached, send, sendForm, type Part } from './batches-support.ts';
import { countLeft, field, filePart, upload } from '../form.ts';
import { engineNamed, readError } from '../support.ts';

const url = '/v1/images/edits';
let kiln: TestKiln;
let png: Buffer;
let jpeg: Buffer;
let webp: Buffer;
let mask: Buffer;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  [png, jpeg, webp, mask] = await Promise.all([
    drawPicture('png'),
    drawPicture('jpeg'),
    drawPicture('webp'),
    drawMask(),
  ]);
});

async function makeBatch(parts: readonly Part[]): Promise<Batch> {
  const response = await sendForm(kiln, parts);
  const answer: unknown = await response.json();
  expect([response.status, answer]).toMatchObject([200, { object: 'batch' }]);
  return answer as Batch;
}

async function dryRun(parts: readonly Part[]): Promise<BatchValidation> {
  return (await (await sendForm(kiln, parts, '/v1/batches/validate')).json()) as BatchValidation;
}

async function jobsOf(batch: Batch): Promise<Job[]> {
  const { data } = (await (
    await kiln.request(`/v1/batches/${batch.id}/jobs?limit=100`)
  ).json()) as {
    data: Job[];
  };
  return data.toSorted((one, other) => Number(one.custom_id) - Number(other.custom_id));
}

async function callOf(job: Job | undefined): Promise<LedgerEntry> {
  const [call] = await callsOf(kiln, job?.id ?? '');
  if (call === undefined) throw new Error('there was no call');
  return call;
}

const uploadPicture = async (bytes: Buffer, name: string) =>
  (await upload(kiln, [field('purpose', 'vision'), filePart(bytes, name)])).id;

describe('rows of a CSV', () => {
  test('name uploaded pictures, masks and files; rows without any are generations', async () => {
    const id = await uploadPicture(jpeg, 'photo.jpg');
    const csv = `custom_id,prompt,画像,mask\n1,A,one.png|two.jpg,hole.png\n2,B,${id},\n3,C,,\n4,D,one.png,\n`;
    const made = await makeBatch([
      ['files', png, 'one.png'],
      ['file', csv, 'rows.csv'],
      ['files', jpeg, 'two.jpg'],
      ['files', mask, 'hole.png'],
    ]);
    const batch = await reached(kiln, made.id);
    expect(batch).toMatchObject({
      status: 'completed',
      request_counts: { total: 4, completed: 4, failed: 0 },
    });
    const jobs = await jobsOf(batch);
    expect(jobs.map(({ endpoint }) => endpoint)).toEqual([url, url, '/v1/images/generations', url]);
    const calls = await Promise.all(jobs.map(callOf));
    expect(calls.map((call) => [call.source_sha256, call.mask_sha256])).toEqual([
      [[sha256(png), sha256(jpeg)], sha256(mask)],
      [[sha256(jpeg)], null],
      [[], null],
      [[sha256(png)], null],
    ]);
    // One file serves all rows that name the picture.
    expect(jobs[3]!.request.images).toEqual([jobs[0]!.request.images?.[0]]);
  });

  test('name pictures in a zip by path or by name, also in CP932', async () => {
    const sjis = Buffer.from([0x94, 0x4c, 0x2e, 0x70, 0x6e, 0x67]); // 猫.png
    const zip = buildZip([
      { name: 'pictures/', content: Buffer.alloc(0) },
      { name: 'pictures/one.png', content: png },
      { name: '__MACOSX/pictures/._one.png', content: Buffer.from('junk') },
      { name: sjis, content: jpeg },
    ]);
    const csv = 'custom_id,prompt,image\n1,A,pictures/one.png\n2,B,one.png\n3,C,猫.png\n';
    const batch = await reached(
      kiln,
      (
        await makeBatch([
          ['file', csv, 'rows.csv'],
          ['files', zip, 'p.zip'],
        ])
      ).id,
    );
    expect(batch.errors).toBeNull();
    const calls = await Promise.all((await jobsOf(batch)).map(callOf));
    expect(calls.map((call) => call.source_sha256)).toEqual([
      [sha256(png)],
      [sha256(png)],
      [sha256(jpeg)],
    ]);
  });

  test('with unknown or unfit pictures are refused by row and column without a call', async () => {
    const small = await drawMask({ width: 16, height: 16 });
    const id = await uploadPicture(png, 'a.png');
    const csv = [
      'custom_id,prompt,picture,mask',
      '1,A,nowhere.png,',
      '2,B,file-0000,',
      '3,C,one.png,small.png',
      '4,D,one.png,one.png',
      `5,E,${id},two.png`,
      '6,F,http://example.com/a.png,',
      '7,G,one.png,small.png|one.png',
    ].join('\n');
    const parts: Part[] = [
      ['column_map', '{"picture": "image"}'],
      ['file', csv, 'rows.csv'],
      ['files', png, 'one.png'],
      ['files', small, 'small.png'],
    ];
    const expected = [
      [
        1,
        'picture',
        'unknown_file',
        /received "nowhere.png"; no picture of that name came.* "one.png", "small.png"; send/,
      ],
      [2, 'picture', 'unknown_file', /there is no such file/],
      [3, 'mask', 'unsupported_picture', /16 × 16.*48 × 32/],
      [4, 'mask', 'unsupported_picture', /alpha/],
      [5, 'mask', 'unknown_file', /two.png/],
      [6, 'picture', 'unknown_file', /the id of an uploaded file/],
      [7, 'mask', 'unknown_file', /small.png\|one.png/],
    ] as const;
    const before = await countLeft(kiln);
    const found = await dryRun(parts);
    expect(await countLeft(kiln)).toEqual(before);
    const batch = await reached(kiln, (await makeBatch(parts)).id);
    expect(batch.status).toBe('failed');
    expect(await jobsOf(batch)).toEqual([]);
    for (const [index, [row, column, code, message]] of expected.entries()) {
      expect(found.problems[index]).toMatchObject({ row, column, code });
      expect(found.problems[index]?.message).toMatch(message);
      expect(batch.errors?.data[index]).toMatchObject({ line: row, param: column, code });
    }
    expect(found.problems).toHaveLength(expected.length);
  });

  test('that failed come back with ids instead of names, and can be sent again', async () => {
    const csv = 'custom_id,prompt,image,quality\n1,A,one.png,best\n2,B,one.png,low\n';
    const parts: Part[] = [
      ['on_invalid_rows', 'skip'],
      ['file', csv, 'rows.csv'],
      ['files', png, 'one.png'],
    ];
    const batch = await reached(kiln, (await makeBatch(parts)).id);
    const failed = await (await kiln.request(`/v1/batches/${batch.id}/failed.csv`)).text();
    expect(failed).toMatch(
      /^custom_id,prompt,image,quality,error_code,error\r\n1,A,file-[0-9a-f]+,best,/,
    );
    const mended = failed.replace(',best,', ',low,');
    const again = await reached(kiln, ((await (await send(kiln, mended)).json()) as Batch).id);
    expect(again).toMatchObject({ status: 'completed', request_counts: { completed: 1 } });
    expect((await callOf((await jobsOf(again))[0])).source_sha256).toEqual([sha256(png)]);
    // Sent again with the names, the rows are refused with a hint.
    const named = (await (
      await send(kiln, csv, {}, {}, '/v1/batches/validate')
    ).json()) as BatchValidation;
    expect(named.problems.at(-1)?.message).toMatch(
      /no pictures came with the batch; send the picture along/,
    );
  });
});

describe('lines of a JSONL file', () => {
  const line = (customId: string, body: object) =>
    JSON.stringify({ custom_id: customId, method: 'POST', url, body: { prompt: 'A', ...body } });

  test('are edits of files and of pictures that come with it', async () => {
    const id = await uploadPicture(png, 'a.png');
    const jsonl = [
      line('1', { images: [{ file_id: id }, { file_id: 'two.jpg' }], input_fidelity: null }),
      line('2', { image: 'two.jpg' }),
    ].join('\n');
    const batch = await reached(
      kiln,
      (
        await makeBatch([
          ['endpoint', url],
          ['file', jsonl, 'rows.jsonl'],
          ['files', jpeg, 'two.jpg'],
        ])
      ).id,
    );
    expect(batch).toMatchObject({ status: 'completed', endpoint: url });
    const calls = await Promise.all((await jobsOf(batch)).map(callOf));
    expect(calls.map((call) => call.source_sha256)).toEqual([
      [sha256(png), sha256(jpeg)],
      [sha256(jpeg)],
    ]);
  });

  test('that failed come back whole, with ids instead of names', async () => {
    const jsonl = [
      line('1', { images: [{ image_url: 'a.png' }], mask: { file_id: 'hole.png' }, size: '1x1' }),
      line('2', {
        image: ['a.png'],
        markup: { image_url: 'hole.png' },
        input_fidelity: 'high',
        size: '1x1',
      }),
    ].join('\n');
    const batch = await reached(
      kiln,
      (
        await makeBatch([
          ['endpoint', url],
          ['on_invalid_rows', 'skip'],
          ['file', jsonl, 'rows.jsonl'],
          ['files', png, 'a.png'],
          ['files', mask, 'hole.png'],
        ])
      ).id,
    );
    const failed = await (await kiln.request(`/v1/batches/${batch.id}/failed.jsonl`)).text();
    const bodies = failed
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { body: Record<string, unknown> }).body);
    const { rows } = await kiln.deps.records.pool.query<{ source_files: Record<string, string> }>(
      'select source_files from kiln.batches where id = $1',
      [batch.id],
    );
    const ids = rows[0]!.source_files;
    const [a, hole] = [ids['a.png'], ids['hole.png']];
    expect(bodies).toEqual([
      { prompt: 'A', images: [{ file_id: a }], mask: { file_id: hole }, size: '1x1' },
      { prompt: 'A', image: [a], markup: { file_id: hole }, input_fidelity: 'high', size: '1x1' },
    ]);
    // CSV has no columns for some of the fields.
    const refusal = await readError(await kiln.request(`/v1/batches/${batch.id}/failed.csv`));
    expect(refusal).toMatchObject({ status: 404, code: 'not_csv' });
    expect(refusal.message).toMatch(/failed\.jsonl/);
  });

  test('need an image, a file, and the endpoint of the batch', async () => {
    const jsonl = [
      line('1', {}),
      line('2', { images: [{ image_url: 'data:image/png;base64,AAAA' }] }),
      line('3', { image: 'a.webp', markup: 'a.webp' }),
      JSON.stringify({
        custom_id: '4',
        method: 'POST',
        url: '/v1/images/generations',
        body: { prompt: 'A', image: 'a.webp' },
      }),
    ].join('\n');
    const { problems } = await dryRun([
      ['endpoint', url],
      ['file', jsonl, 'r.jsonl'],
      ['files', webp, 'a.webp'],
    ]);
    expect(problems.map(({ row, column, code }) => [row, column, code])).toEqual([
      [1, 'body.images', 'missing_required_parameter'],
      [2, 'body.images', 'unknown_file'],
      [3, 'body.markup', 'unsupported_picture'],
      [4, 'url', 'invalid_url'],
    ]);
  });
});

test('pictures of a batch are kept until it ends; a repeated request stores none', async () => {
  const form = () => {
    const body = new FormData();
    body.append('file', new Blob(['custom_id,prompt,image\n1,Kept,a.png\n']), 'rows.csv');
    body.append('files', new Blob([new Uint8Array(png)]), 'a.png');
    return kiln.request('/v1/batches', {
      method: 'POST',
      body,
      headers: { 'idempotency-key': 'pictures' },
    });
  };
  await kiln.control('PATCH', 'settings', { gate: true });
  const batch = (await (await form()).json()) as Batch;
  const { rows } = await kiln.deps.records.pool.query<{ source_files: Record<string, string> }>(
    'select source_files from kiln.batches where id = $1',
    [batch.id],
  );
  const id = rows[0]!.source_files['a.png']!;
  expect((await readError(await kiln.request(`/v1/files/${id}`, { method: 'DELETE' }))).code).toBe(
    'file_in_use',
  );
  const { objects } = await countLeft(kiln);
  const replayed = await form();
  expect(replayed.headers.get('idempotent-replayed')).toBe('true');
  expect(((await replayed.json()) as Batch).id).toBe(batch.id);
  expect(await countLeft(kiln)).toMatchObject({ objects });
  await kiln.control('PATCH', 'settings', { gate: false });
  expect((await reached(kiln, batch.id)).status).toBe('completed');
  expect((await kiln.request(`/v1/files/${id}`, { method: 'DELETE' })).status).toBe(200);
});
