/** Batches whose rows name pictures: files of the project, and files that come with the batch, one by one or in a zip. */
import { randomBytes } from 'node:crypto';
import type { Batch, BatchValidation } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawMask, drawPicture } from '../../support/edit-pictures.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { watchOpenObjects, type OpenObjects } from '../../support/open-objects.ts';
import { buildZip } from '../../support/zip.ts';
import type { LedgerEntry } from '../../../apps/simulator/src/ledger.ts';
import { callsOf, sha256 } from '../worker/support.ts';
import { reached, send } from './batches-support.ts';
import { countLeft, field, filePart, upload } from './form.ts';
import { engineNamed, readError } from './support.ts';

const url = '/v1/images/edits';
let kiln: TestKiln;
let png: Buffer;
let jpeg: Buffer;
let webp: Buffer;
let mask: Buffer;
let objects: OpenObjects;

beforeAll(async () => {
  kiln = await startKiln({ engine: engineNamed('postgres') });
  objects = watchOpenObjects(kiln.deps.store);
  [png, jpeg, webp, mask] = await Promise.all([
    drawPicture('png'),
    drawPicture('jpeg'),
    drawPicture('webp'),
    drawMask(),
  ]);
});

type Part = [name: string, content: string | Buffer, filename?: string];

function sendForm(parts: readonly Part[], path = '/v1/batches'): Promise<Response> {
  const form = new FormData();
  for (const [name, content, filename] of parts) {
    if (filename === undefined) form.append(name, String(content));
    else form.append(name, new Blob([new Uint8Array(Buffer.from(content))]), filename);
  }
  return kiln.request(path, { method: 'POST', body: form });
}

async function makeBatch(parts: readonly Part[]): Promise<Batch> {
  const response = await sendForm(parts);
  const answer: unknown = await response.json();
  expect([response.status, answer]).toMatchObject([200, { object: 'batch' }]);
  return answer as Batch;
}

async function dryRun(parts: readonly Part[]): Promise<BatchValidation> {
  return (await (await sendForm(parts, '/v1/batches/validate')).json()) as BatchValidation;
}

async function jobsOf(batch: Batch): Promise<Job[]> {
  const { data } = (await (await kiln.request(`/v1/batches/${batch.id}/jobs?limit=100`)).json()) as {
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
  test('name pictures that come with it, several in a cell, with a mask, and files; rows without one are generations', async () => {
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
    // One file for all rows that name it.
    expect(jobs[3]!.request.images).toEqual([jobs[0]!.request.images?.[0]]);
  });

  test('name pictures in a zip, by path or by name, also as Windows in Japan writes them', async () => {
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
    expect(calls.map((call) => call.source_sha256)).toEqual([[sha256(png)], [sha256(png)], [sha256(jpeg)]]);
  });

  test('are told which pictures are unknown or do not fit, each at its row and column; nothing is called', async () => {
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
      [1, 'picture', 'unknown_file', /received "nowhere.png"; no file of that name came with the batch/],
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

  test('that failed come back with ids in place of names, and can be sent again as they are', async () => {
    const csv = 'custom_id,prompt,image,quality\n1,A,one.png,best\n2,B,one.png,low\n';
    const parts: Part[] = [
      ['on_invalid_rows', 'skip'],
      ['file', csv, 'rows.csv'],
      ['files', png, 'one.png'],
    ];
    const batch = await reached(kiln, (await makeBatch(parts)).id);
    const failed = await (await kiln.request(`/v1/batches/${batch.id}/failed.csv`)).text();
    expect(failed).toMatch(/^custom_id,prompt,image,quality,error_code,error\r\n1,A,file-[0-9a-f]+,best,/);
    const mended = failed.replace(',best,', ',low,');
    const again = await reached(kiln, ((await (await send(kiln, mended)).json()) as Batch).id);
    expect(again).toMatchObject({ status: 'completed', request_counts: { completed: 1 } });
    expect((await callOf((await jobsOf(again))[0])).source_sha256).toEqual([sha256(png)]);
    // With the names alone it is said what is missing.
    const named = (await (await send(kiln, csv, {}, {}, '/v1/batches/validate')).json()) as BatchValidation;
    expect(named.problems.at(-1)?.message).toMatch(/no pictures came with the batch; send the file along/);
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
    expect(calls.map((call) => call.source_sha256)).toEqual([[sha256(png), sha256(jpeg)], [sha256(jpeg)]]);
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

describe('is refused, and leaves nothing:', () => {
  const csv = 'prompt,image\nA,a.png\n';
  const zip = (...entries: Parameters<typeof buildZip>[0]) => buildZip(entries);
  const cases: [what: string, parts: () => Part[], code: string, message: RegExp][] = [
    ['a form without a table', () => [['files', png, 'a.png']], 'invalid_request', /file: is missing/],
    [
      'two tables',
      () => [
        ['file', csv, 'a.csv'],
        ['file', csv, 'b.csv'],
      ],
      'invalid_request',
      /file: came twice/,
    ],
    [
      'a file under another name',
      () => [['picture', png, 'a.png']],
      'unknown_parameter',
      /picture: is no file/,
    ],
    [
      'two pictures of one name',
      () => [
        ['files', png, 'a.png'],
        ['files', jpeg, 'a.png'],
        ['file', csv, 'a.csv'],
      ],
      'invalid_request',
      /two are called "a.png"/,
    ],
    [
      'what is no picture',
      () => [
        ['files', 'text', 'a.png'],
        ['file', csv, 'a.csv'],
      ],
      'image_format_unsupported',
      /"a.png"/,
    ],
    ['a damaged picture', () => [['files', png.subarray(0, 60), 'a.png']], 'image_damaged', /"a.png"/],
    [
      'a zip with something else in it',
      () => [
        [
          'files',
          zip({ name: 'a.png', content: png }, { name: 'b.txt', content: Buffer.from('b') }),
          'p.zip',
        ],
      ],
      'image_format_unsupported',
      /"b.txt"/,
    ],
    [
      'a zip whose name leads out of it',
      () => [['files', zip({ name: '../../etc/a.png', content: png }), 'p.zip']],
      'invalid_request',
      /a way out/,
    ],
    [
      'a zip whose entry is larger than it says',
      () => [['files', zip({ name: 'a.png', content: png, claimedBytes: 10 }), 'p.zip']],
      'invalid_request',
      /cannot be read/,
    ],
    [
      'a zip bomb',
      () => [
        ['files', zip({ name: 'a.png', content: Buffer.concat([png, Buffer.alloc(60_000_000)]) }), 'p.zip'],
      ],
      'file_too_large',
      /"a.png" in the zip is too large/,
    ],
    [
      'a zip with too many entries',
      () => [
        [
          'files',
          zip(...Array.from({ length: 3_001 }, (_, n) => ({ name: `${n}/`, content: Buffer.alloc(0) }))),
          'p.zip',
        ],
      ],
      'invalid_request',
      /3,001 entries/,
    ],
    // Nobody listens to an entry that is refused by its name.
    [
      'a zip with a damaged second picture of one name',
      () => [
        [
          'files',
          zip(
            { name: 'a.png', content: png },
            { name: 'a.png', content: png, packed: Buffer.alloc(100, 0xff) },
          ),
          'p.zip',
        ],
      ],
      'invalid_request',
      /two are called "a.png"/,
    ],
    [
      'a zip with a damaged picture',
      () => [
        [
          'files',
          zip({
            name: 'a.png',
            content: Buffer.concat([png, Buffer.alloc(1_000)]),
            packed: Buffer.alloc(100, 0xff),
          }),
          'p.zip',
        ],
      ],
      'invalid_request',
      /cannot be read/,
    ],
    [
      'a zip with much of something else in it',
      () => [['files', zip({ name: 'a.pdf', content: randomBytes(2_000_000) }), 'p.zip']],
      'image_format_unsupported',
      /"a.pdf"/,
    ],
    [
      'a zip that is cut',
      () => [['files', zip({ name: 'a.png', content: png }).subarray(0, 90), 'p.zip']],
      'invalid_request',
      /cannot be read/,
    ],
  ];

  test.each(cases)('%s', async (_what, parts, code, message) => {
    const before = await countLeft(kiln);
    for (const path of ['/v1/batches', '/v1/batches/validate']) {
      const error = await readError(await sendForm(parts(), path));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    }
    expect(await countLeft(kiln)).toEqual(before);
    await objects.allClosed();
  });

  test('too many pictures', async () => {
    const pictures = Array.from({ length: 1_001 }, (_, index): Part => ['files', png, `${index}.png`]);
    const error = await readError(
      await sendForm([['file', csv, 'a.csv'], ...pictures], '/v1/batches/validate'),
    );
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/more than 1,000 pictures/) as unknown,
    });
  });
});

test('pictures that came with a batch stay until it has ended, and a repeated request makes no second ones', async () => {
  const form = () => {
    const body = new FormData();
    body.append('file', new Blob(['custom_id,prompt,image\n1,Kept,a.png\n']), 'rows.csv');
    body.append('files', new Blob([new Uint8Array(png)]), 'a.png');
    return kiln.request('/v1/batches', { method: 'POST', body, headers: { 'idempotency-key': 'pictures' } });
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
