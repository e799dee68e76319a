/**
 * `GET /v1/jobs/{id}/images/{index}?thumbnail`: a small picture beside the provider's, which stays
 * unchanged.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@kiln/shared/schemas/job';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { expect, test, vi } from 'vitest';
import { startKiln } from '../../../support/kiln.ts';
import { paint } from '../../../support/pictures/pictures.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { engineNamed, readError } from '../support.ts';

const kiln = await startKiln({ engine: engineNamed('postgres'), simulator: { pictures: 'full' } });

async function make(body: Record<string, unknown> = {}): Promise<Job> {
  const { id } = await kiln.submit(body);
  const job = await kiln.ended(id);
  expect(job.status).toBe('succeeded');
  return job;
}

const pathOf = (job: Job, index = 0) => `/v1/jobs/${job.id}/images/${index}?thumbnail`;
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const keysOf = async (prefix: string) =>
  (await kiln.deps.store.list(prefix, { limit: 1_000 })).map(({ key }) => key);

async function objectKeyOf(job: Job, index = 0): Promise<string> {
  const { rows } = await kiln.deps.records.pool.query<{ object_key: string }>(
    'select object_key from kiln.images where job_id = $1 and index = $2',
    [job.id, index],
  );
  return rows[0]?.object_key ?? '';
}

/** Replaces the stored object, as though the provider had sent these bytes. */
async function replaceImage(job: Job, bytes: Buffer): Promise<void> {
  await writeFile(join(kiln.dataDir, 'objects', await objectKeyOf(job)), bytes);
}

test.each([
  ['1536x1024', 'png', 320, 213],
  ['1024x1536', 'jpeg', 213, 320],
  ['1024x1024', 'webp', 320, 320],
])('of %s in %s it is %i × %i in webp', async (size, format, width, height) => {
  const job = await make({ size, output_format: format });
  const response = await kiln.request(pathOf(job));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('image/webp');
  expect(await sharp(await bytesOf(response)).metadata()).toMatchObject({
    format: 'webp',
    width,
    height,
  });
});

test('each image has its own, at the URL in the job', async () => {
  const job = await make({ n: 2, size: '1024x1024' });
  const thumbnails = await Promise.all(
    job.images.map(async ({ thumbnail_url: url }) => bytesOf(await fetch(url ?? ''))),
  );
  expect(new Set(thumbnails.map(sha256)).size).toBe(2);
  for (const [index, image] of job.images.entries()) {
    expect(image.thumbnail_url).toBe(`${kiln.url}${pathOf(job, index)}`);
    // The thumbnail is never sent as the image.
    expect(sha256(await bytesOf(await fetch(image.url)))).toBe(image.sha256);
  }
});

test('it is made once for many concurrent first requests', async () => {
  const job = await make();
  const put = vi.spyOn(kiln.deps.store, 'put');
  const thumbnail = vi.spyOn(kiln.deps.imaging, 'thumbnail');
  const answers = await Promise.all(
    Array.from({ length: 10 }, async () => sha256(await bytesOf(await kiln.request(pathOf(job))))),
  );
  expect(new Set(answers).size).toBe(1);
  expect(sha256(await bytesOf(await kiln.request(pathOf(job))))).toBe(answers[0]);
  expect(thumbnail).toHaveBeenCalledTimes(1);
  expect(put).toHaveBeenCalledTimes(1);
  expect(await keysOf(`thumbnails/${job.id.slice(-2)}/${job.id}/`)).toEqual([
    // The attempt: a busy machine may have missed the start of the first.
    expect.stringMatching(/\/\d+-0-of-1\.webp$/),
  ]);
  vi.restoreAllMocks();
});

test('a missing thumbnail is made again', async () => {
  const job = await make();
  const first = await bytesOf(await kiln.request(pathOf(job)));
  for (const key of await keysOf('thumbnails/')) await kiln.deps.store.delete(key);
  expect((await bytesOf(await kiln.request(pathOf(job)))).equals(first)).toBe(true);
});

test('a small picture is not enlarged, and EXIF orientation is applied', async () => {
  const job = await make();
  await replaceImage(
    job,
    await paint({ width: 90, height: 60 }).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  );
  const thumbnail = await bytesOf(await kiln.request(pathOf(job)));
  expect(await sharp(thumbnail).metadata()).toMatchObject({ width: 60, height: 90 });
});

test('it supports caching, If-None-Match and Range like the image', async () => {
  const job = await make();
  const response = await kiln.request(pathOf(job));
  const bytes = await bytesOf(response);
  const etag = response.headers.get('etag') ?? '';
  expect(etag).toBe(`"${sha256(bytes)}"`);
  expect(etag).not.toContain(job.images[0]?.sha256);
  expect(response.headers.get('content-length')).toBe(String(bytes.length));
  expect(response.headers.get('cache-control')).toMatch(/private.*immutable/);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-disposition')).toBe(
    `inline; filename="${job.id}-0-thumbnail.webp"`,
  );
  const again = await kiln.request(pathOf(job), { headers: { 'if-none-match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const part = await kiln.request(pathOf(job), { headers: { range: 'bytes=5-9' } });
  expect([part.status, (await bytesOf(part)).equals(bytes.subarray(5, 10))]).toEqual([206, true]);
  const beyond = await kiln.request(pathOf(job), { headers: { range: 'bytes=9999999-' } });
  expect((await readError(beyond)).message).toBe(
    `Range: received "bytes=9999999-"; the thumbnail has ${bytes.length} bytes`,
  );
});

/** Waits until the worker has made the ThumbHash, which it does after the job has ended. */
function thumbhashOf(job: Job, index = 0): Promise<string> {
  return waitFor(async () => (await kiln.read(job.id)).images[index]?.thumbhash ?? false, {
    what: 'the ThumbHash',
  });
}

test('each image has a ThumbHash of its shape and colours, in lists as well', async () => {
  const job = await make({ n: 2, size: '1536x1024' });
  for (const [index, { url }] of job.images.entries()) {
    const hash = Buffer.from(await thumbhashOf(job, index), 'base64');
    expect(hash.length).toBeLessThan(40);
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(1.5, 0);
    const { channels } = await sharp(await bytesOf(await fetch(url))).stats();
    const { r, g, b } = thumbHashToAverageRGBA(hash);
    for (const [at, share] of [r, g, b].entries())
      expect(Math.abs(share * 255 - (channels[at]?.mean ?? 0))).toBeLessThan(16);
  }
  const { data } = (await (await kiln.request('/v1/jobs?limit=1')).json()) as { data: Job[] };
  expect(data[0]?.images.map(({ thumbhash }) => thumbhash)).toEqual([
    await thumbhashOf(job, 0),
    await thumbhashOf(job, 1),
  ]);
});

test('an image of an earlier release gets its ThumbHash with its thumbnail', async () => {
  const job = await make();
  await thumbhashOf(job);
  await kiln.deps.records.pool.query('update kiln.images set thumbhash = null where job_id = $1', [
    job.id,
  ]);
  expect((await kiln.read(job.id)).images[0]?.thumbhash).toBeNull();
  expect((await kiln.request(pathOf(job))).status).toBe(200);
  expect((await kiln.read(job.id)).images[0]?.thumbhash).toMatch(/^[\w+/]{20,60}=*$/);
});

test.each(['gif', 'svg'])('a %s has none, and the error says so', async (format) => {
  const job = await make({ output_format: format, model: 'gpt-image-2.5-flare' });
  expect(job.images[0]).toMatchObject({ thumbnail_url: null, thumbhash: null });
  const error = await readError(await kiln.request(pathOf(job)));
  expect(error).toMatchObject({ status: 404, code: 'thumbnail_unavailable', param: 'thumbnail' });
  expect(error.message).toBe(
    `there is no thumbnail of image 0 of ${job.id}: it is ${format}; use the image itself`,
  );
});

test('an image that cannot be decoded has none, but is sent itself', async () => {
  const job = await make();
  const whole = await bytesOf(await kiln.request(`/v1/jobs/${job.id}/images/0`));
  await replaceImage(
    job,
    Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 7)]),
  );
  expect(await readError(await kiln.request(pathOf(job)))).toMatchObject({
    status: 404,
    code: 'thumbnail_unavailable',
  });
  expect((await kiln.request(`/v1/jobs/${job.id}/images/0`)).status).toBe(200);
  expect(await keysOf(`thumbnails/${job.id.slice(-2)}/${job.id}/`)).toEqual([]);
});

test('an image deleted from the store by others is a 500', async () => {
  const job = await make();
  await kiln.deps.store.delete(await objectKeyOf(job));
  const response = await kiln.request(pathOf(job));
  expect(response.headers.get('cache-control')).toBeNull();
  expect(await readError(response)).toMatchObject({ status: 500, code: 'image_missing' });
});

test('an image that does not exist has none, and other values are refused', async () => {
  const job = await make();
  expect(await readError(await kiln.request(pathOf(job, 1)))).toMatchObject({
    status: 404,
    code: 'image_not_found',
  });
  expect(await readError(await kiln.request(`${pathOf(job)}=large`))).toMatchObject({
    status: 400,
    param: 'thumbnail',
  });
  expect((await kiln.request(`${pathOf(job)}=1`)).headers.get('content-type')).toBe('image/webp');
});
