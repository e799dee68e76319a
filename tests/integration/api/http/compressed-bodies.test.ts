/** `content-encoding`: a gzipped body is read within every limit, any other is refused by name. */
import { randomBytes } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { countEffects, engineNamed, readError, readJob } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), workers: false });

const json = 'application/json';

function post(path: string, body: Buffer, headers: Record<string, string>): Promise<Response> {
  const usual = { 'content-type': json, 'content-encoding': 'gzip' };
  return kiln.request(path, { method: 'POST', body, headers: { ...usual, ...headers } });
}
const pack = (value: object) => gzipSync(JSON.stringify(value));

/** The same bytes in chunks, without a length. */
function inChunks(bytes: Buffer): RequestInit {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, index) =>
    bytes.subarray(index * 1_000, (index + 1) * 1_000),
  );
  return { body: ReadableStream.from(pieces), duplex: 'half' };
}

test.each([
  ['/v1/jobs', 'gzip', 202],
  ['/v1/jobs', 'X-GZIP', 202],
  ['/v1/pools/default/pause', 'gzip', 200],
])('a gzipped body of %s is read (%s)', async (path, encoding, status) => {
  const body = path === '/v1/jobs' ? pack({ prompt: '朝霧の小舟' }) : pack({});
  const response = await post(path, body, { 'content-encoding': encoding });
  expect(response.status).toBe(status);
  if (status === 202)
    expect((await readJob(response)).request).toMatchObject({ prompt: '朝霧の小舟' });
});

test('a gzipped body may come in chunks, and a plain one says identity', async () => {
  const init = { method: 'POST', ...inChunks(pack({ prompt: 'A boat' })) };
  const headers = { 'content-type': json, 'content-encoding': 'gzip' };
  expect((await kiln.request('/v1/jobs', { ...init, headers })).status).toBe(202);
  const plain = Buffer.from(JSON.stringify({ prompt: 'A boat' }));
  expect((await post('/v1/jobs', plain, { 'content-encoding': 'identity' })).status).toBe(202);
});

test('a gzipped table becomes a batch', async () => {
  const table = gzipSync(`prompt\n${'A small boat\n'.repeat(5_000)}`);
  const response = await post('/v1/batches/validate', table, { 'content-type': 'text/csv' });
  expect(await response.json()).toMatchObject({ rows: 5_000, valid: 5_000, accepted: true });
});

test.each<[string, string, Buffer, Record<string, string>, number, string]>([
  ['brotli', '/v1/jobs', brotliCompressSync('{}'), { 'content-encoding': 'br' }, 415, 'br'],
  ['two encodings', '/v1/jobs', pack({}), { 'content-encoding': 'gzip, gzip' }, 415, 'gzip, gzip'],
  [
    'a form',
    '/v1/files',
    pack({}),
    { 'content-type': 'multipart/form-data; boundary=x' },
    415,
    'gzip',
  ],
])('%s is refused by its name', async (_what, path, body, headers, status, name) => {
  const before = await countEffects(kiln);
  const response = await post(path, body, headers);
  expect(response.headers.get('accept-encoding')).toBe(path === '/v1/files' ? 'identity' : 'gzip');
  const error = await readError(response);
  expect(error).toMatchObject({
    status,
    code: 'unsupported_content_encoding',
    param: 'content-encoding',
  });
  expect(error.message).toContain(`received "${name}"`);
  expect(await countEffects(kiln)).toEqual(before);
});

test.each<[string, Buffer]>([
  ['text that is not packed', Buffer.from('{"prompt": "A boat"}')],
  ['a body that is cut off', pack({ prompt: 'A boat' }).subarray(0, -6)],
])('%s is no gzip', async (_what, body) => {
  expect(await readError(await post('/v1/jobs', body, {}))).toMatchObject({
    status: 400,
    code: 'invalid_request',
    param: 'content-encoding',
  });
});

/** Text that gzip halves. */
const dense = (bytes: number) => gzipSync(randomBytes(bytes / 2).toString('hex'));
const blank = (bytes: number) => gzipSync(Buffer.alloc(bytes, ' '));

test.each<[string, string, Buffer, string, RegExp]>([
  ['JSON', '/v1/pools/default/pause', dense(1_500_000), json, /at most 1,048,576 bytes/],
  ['a job', '/v1/jobs', dense(24_000_000), json, /at most 20,971,520 bytes/],
  ['a job of blanks', '/v1/jobs', blank(30_000_000), json, /unpacks to more than 100 times/],
  ['a table', '/v1/batches/validate', blank(150_000_000), 'text/csv', /more than 100 times/],
])('%s is limited by what it unpacks to', async (_what, path, body, type, message) => {
  const error = await readError(await post(path, body, { 'content-type': type }));
  expect(error).toMatchObject({ status: 413, code: 'body_too_large' });
  expect(error.message).toMatch(message);
});

test('a body that is too large and breaks off after that is refused', async () => {
  for (const [path, bytes] of [
    ['/v1/pools/default/pause', 3_000_000],
    ['/v1/jobs', 24_000_000],
  ] as const) {
    const body = dense(bytes);
    body.fill(0xff, body.length - 10_000);
    const { status } = await readError(await post(path, body, {}));
    expect(status).toBe(413);
  }
  expect((await kiln.request('/livez')).status).toBe(200);
});
