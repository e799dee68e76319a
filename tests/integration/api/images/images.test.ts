/**
 * `GET /v1/jobs/{id}/images/{index}`: the provider's bytes, whole or as a range, and the headers
 * for caches.
 */
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@kiln/shared/schemas/job';
import { createLogger } from '@kiln/shared/logger';
import type { ByteRange, ObjectStore } from '@kiln/shared/storage/object-store';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildApp } from '../../../../apps/api/src/app.ts';
import { createApiDeps } from '../../../../apps/api/src/deps.ts';
import { startKiln } from '../../../support/kiln.ts';
import { callsFinished, engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('redis') });

async function make(body: Record<string, unknown> = {}): Promise<Job> {
  const { id } = await kiln.submit(body);
  const job = await kiln.ended(id);
  expect(job.status).toBe('succeeded');
  return job;
}

const pathOf = (job: Job, index = 0) => `/v1/jobs/${job.id}/images/${index}`;
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('whole', () => {
  test('every image has exactly the bytes the provider sent', async () => {
    const job = await make({ n: 3 });
    const { entries } = await callsFinished(kiln, 1);
    const sent = entries.find((entry) => entry.kiln_job_id === job.id)?.image_sha256;
    expect(sent).toHaveLength(3);
    expect(job.images.map((image) => image.index)).toEqual([0, 1, 2]);
    for (const image of job.images) {
      const response = await fetch(image.url);
      expect(response.status).toBe(200);
      const bytes = await bytesOf(response);
      expect(sha256(bytes)).toBe(sent?.[image.index]);
      expect(image).toMatchObject({ sha256: sha256(bytes), bytes: bytes.length });
      expect(response.headers.get('etag')).toBe(`"${image.sha256}"`);
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
    }
  });

  test.each([
    ['png', 'image/png', {}],
    ['jpeg', 'image/jpeg', { output_format: 'jpeg' }],
    ['webp', 'image/webp', { output_format: 'webp' }],
    ['gif', 'image/gif', { output_format: 'gif', model: 'gpt-image-2.5-flare' }],
    ['svg', 'image/svg+xml', { output_format: 'svg', model: 'gpt-image-2.5-flare' }],
  ])('%s is %s', async (format, contentType, body) => {
    const job = await make(body);
    expect(job.images[0]?.format).toBe(format);
    const { headers } = await kiln.request(pathOf(job));
    expect(headers.get('content-type')).toBe(contentType);
    // A picture may contain a script: browsers must show it, not run it, and not sniff its type.
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    expect(headers.get('content-disposition')).toBe(`inline; filename="${job.id}-0.${format}"`);
  });

  test('caches may keep it for good', async () => {
    const { headers } = await kiln.request(pathOf(await make()));
    expect(headers.get('cache-control')).toMatch(/private.*max-age=31536000.*immutable/);
    expect(headers.get('accept-ranges')).toBe('bytes');
  });

  test('?download=1 gives the file a name', async () => {
    const job = await make();
    const response = await kiln.request(`${pathOf(job)}?download=1`);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="${job.id}-0.png"`,
    );
    expect(sha256(await bytesOf(response))).toBe(job.images[0]?.sha256);
  });

  test('HEAD has every header of GET', async () => {
    const job = await make();
    const response = await kiln.request(pathOf(job), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(job.images[0]?.bytes));
    expect(response.headers.get('etag')).toBe(`"${job.images[0]?.sha256}"`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(await response.text()).toBe('');
  });

  test('HEAD reads one byte to check the object, and ignores Range', async () => {
    const job = await make();
    const { store } = kiln.deps;
    const read: (ByteRange | undefined)[] = [];
    const get: ObjectStore['get'] = (key, range) => {
      read.push(range);
      return store.get(key, range);
    };
    const api = createApiDeps(
      { ...kiln.deps, store: { ...store, get } },
      new AbortController().signal,
    );
    const app = await buildApp(api, createLogger({ name: 'counted', level: 'silent' }));
    onTestFinished(async () => {
      await app.close();
      await api.close();
    });
    const response = await app.inject({
      method: 'HEAD',
      url: pathOf(job),
      headers: { range: 'bytes=0-3', host: 'localhost' },
    });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({ 'content-length': String(job.images[0]?.bytes) });
    expect(response.headers).not.toHaveProperty('content-range');
    expect(read).toEqual([{ start: 0, end: 0 }]);
  });
});

describe('with If-None-Match', () => {
  let job: Job;
  let etag: string;
  beforeAll(async () => {
    job = await make();
    etag = `"${job.images[0]?.sha256}"`;
  });

  test.each([
    ['the same tag', () => etag],
    ['the same tag among others', () => `"other", ${etag}`],
    ['the same as a weak tag', () => `W/${etag}`],
    ['an asterisk', () => '*'],
  ])('%s is a 304', async (_what, header) => {
    const response = await kiln.request(pathOf(job), { headers: { 'if-none-match': header() } });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('cache-control')).toMatch(/immutable/);
    expect(await response.text()).toBe('');
  });

  test('another tag gets the image', async () => {
    const response = await kiln.request(pathOf(job), { headers: { 'if-none-match': '"another"' } });
    expect(response.status).toBe(200);
    expect(sha256(await bytesOf(response))).toBe(job.images[0]?.sha256);
  });
});

describe('a range', () => {
  let job: Job;
  let whole: Buffer;
  beforeAll(async () => {
    job = await make();
    whole = await bytesOf(await kiln.request(pathOf(job)));
  });

  const get = (range: string, headers: Record<string, string> = {}) =>
    kiln.request(pathOf(job), { headers: { range, ...headers } });

  test.each<[string, (size: number) => [start: number, end: number]]>([
    ['bytes=0-0', () => [0, 0]],
    ['bytes=0-99', () => [0, 99]],
    ['bytes=100-199', () => [100, 199]],
    ['bytes=100-', (size) => [100, size - 1]],
    ['bytes=-1', (size) => [size - 1, size - 1]],
    ['bytes=-100', (size) => [size - 100, size - 1]],
    ['bytes=-999999999', (size) => [0, size - 1]],
    ['bytes=10-999999999', (size) => [10, size - 1]],
  ])('%s', async (range, toBounds) => {
    const [start, end] = toBounds(whole.length);
    const response = await get(range);
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${whole.length}`);
    expect(response.headers.get('content-length')).toBe(String(end - start + 1));
    expect((await bytesOf(response)).equals(whole.subarray(start, end + 1))).toBe(true);
  });

  test('ranges that cover the image give its bytes', async () => {
    const middle = Math.floor(whole.length / 2);
    const parts = await Promise.all([get(`bytes=0-${middle - 1}`), get(`bytes=${middle}-`)]);
    expect(Buffer.concat(await Promise.all(parts.map(bytesOf))).equals(whole)).toBe(true);
  });

  test.each(['bytes=99999999-', 'bytes=-0'])('%s is a 416', async (range) => {
    const response = await get(range);
    expect(response.headers.get('content-range')).toBe(`bytes */${whole.length}`);
    expect(response.headers.get('cache-control')).toBeNull();
    expect(response.headers.get('etag')).toBeNull();
    const error = await readError(response);
    expect(error).toMatchObject({ status: 416, code: 'range_not_satisfiable', param: 'Range' });
    expect(error.message).toBe(`Range: received "${range}"; the image has ${whole.length} bytes`);
  });

  test.each(['bytes=0-9,20-29', 'bytes=20-10', 'bytes=-', 'bytes=a-b', 'lines=0-9', 'bytes 0-9'])(
    '%s is answered with the whole image',
    async (range) => {
      const response = await get(range);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-range')).toBeNull();
      expect((await bytesOf(response)).equals(whole)).toBe(true);
    },
  );

  test('If-Range: the range if the version is the same, otherwise the whole image', async () => {
    const same = await get('bytes=0-9', { 'if-range': `"${job.images[0]?.sha256}"` });
    expect(same.status).toBe(206);
    for (const version of [
      '"another"',
      `W/"${job.images[0]?.sha256}"`,
      'Wed, 21 Oct 2026 07:28:00 GMT',
    ]) {
      const other = await get('bytes=0-9', { 'if-range': version });
      expect(other.status).toBe(200);
      expect((await bytesOf(other)).length).toBe(whole.length);
    }
  });
});

describe('a missing image', () => {
  test('an index after the last is a 404', async () => {
    const job = await make();
    const error = await readError(await kiln.request(pathOf(job, 1)));
    expect(error).toMatchObject({ status: 404, code: 'image_not_found', param: 'index' });
    expect(error.message).toBe(`there is no image 1 of job "${job.id}"`);
  });

  test.each(['10', '-1', 'first', '1.5'])('an invalid index is a 400: %s', async (index) => {
    const error = await readError(await kiln.request(`/v1/jobs/job_1/images/${index}`));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'index' });
    expect(error.message).toContain(`received "${index}"`);
  });

  test('an image of a queued job is a 404 until the job has succeeded', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const { id } = await kiln.submit();
    expect((await kiln.request(`/v1/jobs/${id}/images/0`)).status).toBe(404);
    await kiln.control('PATCH', 'settings', { gate: false });
    await kiln.ended(id);
    expect((await kiln.request(`/v1/jobs/${id}/images/0`)).status).toBe(200);
  });

  test.each([{}, { range: 'bytes=0-9' }])(
    'an object that others deleted from the store is a 500: %o',
    async (headers) => {
      const job = await make();
      const objects = join(kiln.dataDir, 'objects');
      const files = await readdir(objects, { recursive: true });
      const [file] = files.filter((name) => name.includes(`${job.id}/`) && name.endsWith('.png'));
      await rm(join(objects, file ?? 'none'));

      const response = await kiln.request(pathOf(job), {
        headers: headers as Record<string, string>,
      });
      // The object may return from a backup, so no cache may keep this response.
      for (const name of ['cache-control', 'etag', 'content-range', 'content-disposition']) {
        expect(response.headers.get(name)).toBeNull();
      }
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(await readError(response)).toEqual({
        status: 500,
        type: 'server_error',
        code: 'image_missing',
        param: null,
        message: `the bytes of image 0 of ${job.id} are not in the object store`,
      });
    },
  );
});
