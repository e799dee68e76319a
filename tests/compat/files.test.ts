/** The official SDK's files API with a whole Kiln: programs for OpenAI work unchanged. */
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import OpenAI, { BadRequestError, ConflictError, NotFoundError, toFile } from 'openai';
import { describe, expect, test } from 'vitest';
import { engines } from '../support/engines/engines.ts';
import { startKiln } from '../support/kiln.ts';
import { temporaryFolder } from '../support/engines/server-process.ts';

const kiln = await startKiln({ engine: engines[0]!, workers: false });
const openai = new OpenAI({ baseURL: `${kiln.url}/v1`, apiKey: 'none', maxRetries: 0 });
const rows =
  '{"custom_id": "1", "method": "POST", "url": "/v1/images/generations", "body": {"prompt": ' +
  '"朝霧"}}\n';

async function upload(content = rows, filename = 'rows.jsonl') {
  return openai.files.create({
    file: await toFile(Buffer.from(content), filename),
    purpose: 'batch',
  });
}

describe('files.create', () => {
  test.each<
    [string, () => Promise<OpenAI.FileCreateParams['file']> | OpenAI.FileCreateParams['file']]
  >([
    ['a Buffer', () => toFile(Buffer.from(rows), 'rows.jsonl')],
    ['a File', () => new File([rows], 'rows.jsonl', { type: 'application/jsonl' })],
    [
      'a stream from the disk',
      () => {
        const path = join(temporaryFolder('compat').path, 'rows.jsonl');
        writeFileSync(path, rows);
        return createReadStream(path);
      },
    ],
    [
      'a stream of unknown length',
      () => OpenAI.toStreamingFile(Readable.from([rows.slice(0, 9), rows.slice(9)]), 'rows.jsonl'),
    ],
    ['the answer of a fetch', async () => toFile(new Response(rows), 'rows.jsonl')],
  ])('uploads a file from %s', async (_what, open) => {
    const before = Math.floor(Date.now() / 1000);
    const file = await openai.files.create({ file: await open(), purpose: 'batch' });
    expect(file).toEqual({
      id: expect.stringMatching(/^file-[0-9a-f]{32}$/) as unknown,
      object: 'file',
      bytes: Buffer.byteLength(rows),
      created_at: expect.any(Number) as unknown,
      filename: 'rows.jsonl',
      purpose: 'batch',
      status: 'processed',
    });
    expect(file.created_at).toBeGreaterThanOrEqual(before);
    expect(await (await openai.files.content(file.id)).text()).toBe(rows);
  });

  test('sets the expiry of a file', async () => {
    const file = await openai.files.create({
      file: await toFile(Buffer.from(rows), 'rows.jsonl'),
      purpose: 'batch',
      expires_after: { anchor: 'created_at', seconds: 7_200 },
    });
    expect(file.expires_at).toBe(file.created_at + 7_200);
  });

  test('keeps the name, type and bytes of a picture for `vision`', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const file = await openai.files.create({
      file: await toFile(png, '朝霧の舟.png'),
      purpose: 'vision',
    });
    expect(file).toMatchObject({ filename: '朝霧の舟.png', purpose: 'vision', bytes: png.length });
    const content = await openai.files.content(file.id);
    expect(content.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await content.arrayBuffer()).equals(png)).toBe(true);
  });
});

describe('an uploaded file', () => {
  test('is returned by retrieve, and by waitForProcessing without waiting', async () => {
    const file = await upload();
    expect(await openai.files.retrieve(file.id)).toEqual(file);
    expect(await openai.files.waitForProcessing(file.id, { pollInterval: 10 })).toEqual(file);
  });

  test('is read by content as a stream or in part', async () => {
    const { id } = await upload();
    const response = await openai.files.content(id);
    expect(await text(Readable.fromWeb(response.body as never))).toBe(rows);
    const part = await openai.files.content(id, { headers: { Range: 'bytes=0-4' } });
    expect([part.status, await part.text()]).toEqual([206, rows.slice(0, 5)]);
  });

  test('is listed once, in either order, while list reads page after page', async () => {
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.push((await upload()).id);
    for (const order of ['desc', 'asc'] as const) {
      const listed: string[] = [];
      for await (const file of openai.files.list({ purpose: 'batch', limit: 2, order }))
        listed.push(file.id);
      const ours = listed.filter((id) => made.includes(id));
      expect(ours).toEqual(order === 'asc' ? made : made.toReversed());
      expect(new Set(listed).size).toBe(listed.length);
    }
    expect((await openai.files.list({ purpose: 'fine-tune' })).data).toEqual([]);
    // OpenAI's default limit is 10,000.
    expect((await openai.files.list()).data.length).toBeGreaterThanOrEqual(5);
  });

  test('is gone after delete', async () => {
    const { id } = await upload();
    expect(await openai.files.delete(id)).toEqual({ id, object: 'file', deleted: true });
    await expect(openai.files.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
    await expect(openai.files.content(id)).rejects.toBeInstanceOf(NotFoundError);
    await expect(openai.files.delete(id)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('refusals have the error classes that programs catch', () => {
  test('NotFoundError: a file that does not exist', async () => {
    const error: unknown = await openai.files
      .retrieve('file-nowhere')
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, code: 'file_not_found', param: 'id' });
  });

  test.each([
    ['a purpose that is not served', 'assistants', rows, 'purpose', 'invalid_request'],
    ['bytes that are not a picture', 'vision', rows, 'file', 'image_format_unsupported'],
    ['an empty file', 'batch', '', 'file', 'invalid_request'],
  ] as const)('BadRequestError: %s', async (_what, purpose, content, param, code) => {
    const file = await toFile(Buffer.from(content), 'rows.jsonl');
    const error: unknown = await openai.files
      .create({ file, purpose })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code, param, type: 'invalid_request_error' });
  });

  test('ConflictError, without a retry, while a batch needs the file', async () => {
    const { id } = await upload();
    await kiln.deps.records.pool.query(
      `insert into kiln.batches (id, project_id, status, endpoint, input_file_id)
       values ('batch_1', 'default', 'in_progress', '/v1/images/generations', $1)`,
      [id],
    );
    let calls = 0;
    const patient = new OpenAI({
      baseURL: `${kiln.url}/v1`,
      apiKey: 'none',
      fetch: (...given: Parameters<typeof fetch>) => {
        calls += 1;
        return fetch(...given);
      },
    });
    const error: unknown = await patient.files.delete(id).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ code: 'file_in_use' });
    expect(calls).toBe(1);
  });
});
