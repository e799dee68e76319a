/**
 * `composite: "outside_mask"`: after an edit, the first image is laid back outside the mask, as a
 * second picture beside the provider's. The simulator paints the region of the mask anew, and
 * writes a caption over the rest, as models change what they should not. It refuses parameters that
 * it does not know, so an edit that succeeds was sent without the field.
 *
 * Most tests use the simulator's small picture, also as the original: its colours are equal then.
 */
import { createCompositor } from '@kiln/shared/services/derivatives/compositor';
import type { Batch } from '@kiln/shared/schemas/batch';
import type { Job } from '@kiln/shared/schemas/job';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postJson, startKiln } from '../../../support/kiln.ts';
import { toDataUrl } from '../../../support/pictures/edit-pictures.ts';
import { unzip } from '../../../support/unzip.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { sha256 } from '../../worker/support.ts';
import { reached, sendForm } from '../batches/batches-support.ts';
import { engineNamed, lastEventOf, readError, readJob } from '../support.ts';
import { countChanged, drawMask, drawPhotograph, rawOf, sizeOf } from './composed-pictures.ts';

const kiln = await startKiln({ engine: engineNamed('postgres') });
const { pool } = kiln.deps.records;

/** Whether the simulator draws what it is asked for, or sends its small picture. */
const draw = (pictures: 'full' | 'tiny') => kiln.control('PATCH', 'settings', { pictures });

const small = await bytesOf(
  (await kiln.ended((await kiln.submit({ output_format: 'png' })).id)).images[0]?.url,
);
const smallMask = await drawMask(await sizeOf(small));

const inline = (bytes: Buffer) => ({ image_url: toDataUrl(bytes) });
const edit = (body: object = {}) => ({
  prompt: 'A hat',
  model: 'gpt-image-2',
  output_format: 'png',
  images: [inline(small)],
  mask: inline(smallMask),
  composite: 'outside_mask',
  ...body,
});

/** Submits an edit and waits until its composites are made or skipped. */
async function composed(body: object = {}): Promise<Job> {
  const response = await postJson(`${kiln.url}/v1/jobs`, edit(body));
  if (response.status !== 202) throw new Error(await response.text());
  const { id } = await readJob(response);
  expect(await kiln.ended(id)).toMatchObject({ status: 'succeeded' });
  return settled(id);
}

function settled(id: string): Promise<Job> {
  return waitFor(
    async () => {
      const job = await kiln.read(id);
      const isSettled = job.images.every(
        ({ composite, composite_skipped: skipped }) => composite !== null || skipped !== null,
      );
      return isSettled && job;
    },
    { what: 'the composites' },
  );
}

async function bytesOf(url = ''): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}
/** Reads the composite and the result of a job's first image. */
async function read(job: Job): Promise<{ composite: Buffer; result: Buffer }> {
  const [image] = job.images;
  return { composite: await bytesOf(image?.composite?.url), result: await bytesOf(image?.url) };
}

describe('drawn pictures', () => {
  beforeAll(() => draw('full'));
  afterAll(() => draw('tiny'));

  test('outside the mask every pixel is the original, inside it the result', async () => {
    const square = { width: 1024, height: 1024 };
    const photograph = await drawPhotograph(square);
    const job = await composed({
      images: [inline(photograph)],
      mask: inline(await drawMask(square)),
      size: '1024x1024',
      output_format: 'jpeg',
    });
    const [image] = job.images;
    const { composite, result } = await read(job);
    expect(image?.composite).toEqual({
      url: `${kiln.url}/v1/jobs/${job.id}/images/0/composite`,
      format: 'png',
      ...square,
      bytes: composite.length,
      sha256: sha256(composite),
    });
    expect(image?.composite_skipped).toBeNull();
    expect(await lastEventOf(kiln, job.id)).toMatchObject({ type: 'job.composite_made' });
    // The provider's bytes stay as they are, changed outside the mask by the model.
    expect(sha256(result)).toBe(image?.sha256);
    const untouched = { outside: photograph, inside: result };
    expect((await countChanged(result, untouched, square)).outside).toBeGreaterThan(1_000);
    const changed = await countChanged(composite, untouched, square);
    expect(changed).toMatchObject({ outside: 0, inside: 0 });
    expect(changed.compared).toBeGreaterThan(10_000);
    // Between the two the result fades in.
    const [pixels, kept, made] = await Promise.all([composite, photograph, result].map(rawOf));
    const at = (300 * 1024 + 256 + 3) * 3;
    for (const channel of [0, 1, 2]) {
      const ends = [kept?.[at + channel] ?? 0, made?.[at + channel] ?? 0];
      expect(pixels?.[at + channel]).toBeGreaterThanOrEqual(Math.min(...ends));
      expect(pixels?.[at + channel]).toBeLessThanOrEqual(Math.max(...ends));
    }
  });

  test('a photograph is turned as EXIF says, and a mask of the stored size with it', async () => {
    const [stored, shown] = [
      { width: 816, height: 1024 },
      { width: 1024, height: 816 },
    ];
    const upright = await drawPhotograph(stored);
    const source = await sharp(upright).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const job = await composed({
      images: [inline(source)],
      mask: inline(
        await sharp(await drawMask(shown))
          .rotate(-90)
          .png()
          .toBuffer(),
      ),
      size: '1024x816',
    });
    expect(job.images[0]).toMatchObject({ composite_skipped: null, composite: shown });
    const { composite, result } = await read(job);
    const outside = await sharp(source).autoOrient().png().toBuffer();
    expect(await countChanged(composite, { outside, inside: result }, shown)).toMatchObject({
      outside: 0,
      inside: 0,
    });
  });
});

test.each([0.5, 2])('an original of %d times the size is resized', async (ratio) => {
  const size = await sizeOf(small);
  const other = { width: size.width * ratio, height: size.height * ratio };
  const source = await sharp(small).resize(other).png().toBuffer();
  const job = await composed({
    images: [inline(source)],
    mask: inline(await drawMask(other)),
  });
  const { composite, result } = await read(job);
  expect(await sizeOf(composite)).toEqual(size);
  const outside = await sharp(source)
    .resize({ ...size, fit: 'fill' })
    .png()
    .toBuffer();
  expect(await countChanged(composite, { outside, inside: result }, size)).toMatchObject({
    outside: 0,
    inside: 0,
  });
});

test('each image of a job has its own', async () => {
  const job = await composed({ n: 2 });
  expect(job.images.map(({ composite }) => composite?.url)).toEqual(
    [0, 1].map((index) => `${kiln.url}/v1/jobs/${job.id}/images/${index}/composite`),
  );
});

describe('there is none, and the image says why,', () => {
  test.each<[string, () => Promise<object>, string, RegExp]>([
    ['without a mask', async () => ({ mask: undefined }), 'no_mask', /no mask/],
    [
      'where the sizes do not fit',
      async () => ({
        images: [inline(await drawPhotograph({ width: 96, height: 96 }))],
        mask: inline(await drawMask({ width: 96, height: 96 })),
      }),
      'size_mismatch',
      /the first image 96 × 96/,
    ],
    [
      'where the colours have drifted',
      async () => ({ images: [inline(await sharp(small).modulate({ hue: 90 }).png().toBuffer())] }),
      'colour_drift',
      /mean ΔE of \d+\.\d; at most 8 is allowed/,
    ],
    [
      'where the mask leaves nothing of the original',
      async () => ({ mask: inline(await drawMask(await sizeOf(small), () => true)) }),
      'nothing_outside',
      /transparent everywhere/,
    ],
    [
      'where nothing is transparent at the size of the result',
      async () => {
        const { width, height } = await sizeOf(small);
        const size = { width: width * 2, height: height * 2 };
        return {
          images: [inline(await sharp(small).resize(size).png().toBuffer())],
          mask: inline(await drawMask(size, (x, y) => x === 30 && y === 30)),
        };
      },
      'nothing_inside',
      /fully transparent/,
    ],
    [
      'for an svg',
      async () => ({
        output_format: 'svg',
        model: 'gpt-image-2.5-flare',
      }),
      'picture_unsupported',
      /svg/,
    ],
  ])('%s', async (_what, body, code, message) => {
    const job = await composed(await body());
    expect(job).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
    const [image] = job.images;
    expect(image).toMatchObject({
      composite: null,
      composite_skipped: { code, message: expect.stringMatching(message) as unknown },
    });
    expect((await fetch(image?.url ?? '')).status).toBe(200);
    const error = await readError(await kiln.request(`/v1/jobs/${job.id}/images/0/composite`));
    expect(error).toMatchObject({ status: 404, code: 'composite_unavailable', param: 'index' });
    expect(error.message).toContain(code);
    expect(await lastEventOf(kiln, job.id)).toMatchObject({ data: { image_index: 0, code } });
  });
});

describe('the field', () => {
  test.each<[string, object, string]>([
    ['is refused for a generation', { images: undefined, mask: undefined }, 'composite'],
    ['takes one value', { composite: 'inside_mask' }, 'composite'],
    ['is no option of the provider', { provider_options: { composite: 1 } }, 'provider_options'],
  ])('%s', async (_what, body, param) => {
    const error = await readError(await postJson(`${kiln.url}/v1/jobs`, edit(body)));
    expect(error.status).toBe(400);
    expect(error.param).toContain(param);
  });

  test('without it there is no composite', async () => {
    const response = await postJson(`${kiln.url}/v1/jobs`, edit({ composite: undefined }));
    const job = await kiln.ended((await readJob(response)).id);
    expect(job.images[0]).toMatchObject({ composite: null, composite_skipped: null });
    const error = await readError(await kiln.request(`/v1/jobs/${job.id}/images/0/composite`));
    expect(error).toMatchObject({ status: 404, code: 'composite_unavailable' });
    expect(error.message).toContain('was not asked for');
  });

  test('may be in a form of the images API, whose answer has the provider’s bytes', async () => {
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(small)], { type: 'image/png' }), 'a.png');
    form.append('mask', new Blob([new Uint8Array(smallMask)], { type: 'image/png' }), 'm.png');
    for (const name of ['prompt', 'model', 'composite'] as const) form.append(name, edit()[name]);
    const response = await kiln.request('/v1/images/edits', { method: 'POST', body: form });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    const job = await settled(response.headers.get('x-kiln-job-id') ?? '');
    expect(sha256(Buffer.from(data[0]?.b64_json ?? '', 'base64'))).toBe(job.images[0]?.sha256);
    expect(job.images[0]?.composite).not.toBeNull();
  });

  test('may be a column of a CSV file; the archive has both pictures', async () => {
    const csv = 'custom_id,prompt,image,mask,合成\nhat,A hat,a.png,m.png,outside_mask\n';
    const made = (await (
      await sendForm(kiln, [
        ['file', csv, 'rows.csv'],
        ['files', small, 'a.png'],
        ['files', smallMask, 'm.png'],
        ['defaults', JSON.stringify({ model: 'gpt-image-2' })],
      ])
    ).json()) as Batch;
    await expectArchived(await reached(kiln, made.id));
  });

  test('may be in a line of a JSONL file', async () => {
    const body = edit({ images: [{ file_id: 'a.png' }], mask: { file_id: 'm.png' } });
    const line = { custom_id: 'hat', method: 'POST', url: '/v1/images/edits', body };
    const made = (await (
      await sendForm(kiln, [
        ['endpoint', '/v1/images/edits'],
        ['file', JSON.stringify(line), 'rows.jsonl'],
        ['files', small, 'a.png'],
        ['files', smallMask, 'm.png'],
      ])
    ).json()) as Batch;
    await expectArchived(await reached(kiln, made.id));
  });

  async function expectArchived(batch: Batch): Promise<void> {
    expect(batch).toMatchObject({ status: 'completed', request_counts: { completed: 1 } });
    const { data } = (await (await kiln.request(`/v1/batches/${batch.id}/jobs`)).json()) as {
      data: Job[];
    };
    const job = await settled(data[0]?.id ?? '');
    const archive = await kiln.request(`/v1/batches/${batch.id}/archive.zip`);
    const length = Number(archive.headers.get('content-length'));
    const zip = Buffer.from(await archive.arrayBuffer());
    expect(zip.length).toBe(length);
    const files = unzip(zip);
    expect([...files.keys()].toSorted()).toEqual(['hat-composite.png', 'hat.png', 'manifest.csv']);
    expect(sha256(files.get('hat-composite.png')!)).toBe(job.images[0]?.composite?.sha256);
    expect(sha256(files.get('hat.png')!)).toBe(job.images[0]?.sha256);
  }
});

describe('the object', () => {
  const objectsOf = async (job: Job) =>
    (await kiln.deps.store.list(`composites/${job.id.slice(-2)}/${job.id}/`, { limit: 10 })).map(
      ({ key }) => key,
    );

  test('is served like a picture', async () => {
    const job = await composed();
    const path = `/v1/jobs/${job.id}/images/0/composite`;
    const response = await kiln.request(`${path}?download=1`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('etag')).toBe(`"${job.images[0]?.composite?.sha256}"`);
    expect(response.headers.get('cache-control')).toMatch(/private.*immutable/);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="${job.id}-0-composite.png"`,
    );
    await response.arrayBuffer();
    const part = await kiln.request(path, { headers: { range: 'bytes=1-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'PNG']);
    const head = await kiln.request(path, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(job.images[0]?.composite?.bytes));
    expect(
      await readError(await kiln.request(`/v1/jobs/${job.id}/images/1/composite`)),
    ).toMatchObject({ code: 'image_not_found' });
  });

  test('is deleted with its job', async () => {
    const job = await composed();
    expect(await objectsOf(job)).toHaveLength(1);
    expect((await kiln.request(`/v1/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(200);
    expect(await objectsOf(job)).toEqual([]);
    const { rows } = await pool.query('select from kiln.composites where job_id = $1', [job.id]);
    expect(rows).toEqual([]);
  });

  /** Leaves the records as a worker does that is killed while it makes a composite. */
  async function forget(job: Job, tries: number): Promise<void> {
    await pool.query(
      `update kiln.composites set status = 'pending', object_key = null, tries = $2,
         due_at = clock_timestamp() where job_id = $1`,
      [job.id, tries],
    );
    for (const key of await objectsOf(job)) await kiln.deps.store.delete(key);
  }
  const compositor = createCompositor({ ...kiln.deps, db: kiln.deps.records.db });

  test('is made again, the same, where a killed worker left none', async () => {
    const job = await composed();
    await forget(job, 1);
    const [image] = (await kiln.read(job.id)).images;
    expect(image).toMatchObject({ composite: null, composite_skipped: null });
    const pending = await kiln.request(`/v1/jobs/${job.id}/images/0/composite`);
    expect(pending.headers.get('retry-after')).toBe('1');
    expect(await readError(pending)).toMatchObject({ status: 404, code: 'composite_pending' });
    expect(await compositor.run()).toBe(1);
    expect((await kiln.read(job.id)).images[0]).toEqual(job.images[0]);
    expect(await objectsOf(job)).toHaveLength(1);
    // It was paid for once, whatever happens to its composite.
    expect(await kiln.read(job.id)).toMatchObject({ attempts: { made: 1 } });
  });

  test('is given up after workers have died of it, and with its source', async () => {
    const [one, other] = [await composed(), await composed()];
    await forget(one, 4);
    await forget(other, 0);
    const { images: [source] = [] } = other.request;
    const file = `/v1/files/${source?.file_id}`;
    expect((await kiln.request(file, { method: 'DELETE' })).status).toBe(200);
    await compositor.run();
    expect((await kiln.read(one.id)).images[0]?.composite_skipped).toMatchObject({
      code: 'composite_failed',
    });
    expect((await kiln.read(other.id)).images[0]?.composite_skipped).toMatchObject({
      code: 'source_missing',
    });
  });

  test('waits for a store that is away, and such tries do not count', async () => {
    const job = await composed();
    await forget(job, 3);
    const away = Object.assign(new Error('the store is away'), { syscall: 'open' });
    const store = { ...kiln.deps.store, get: () => Promise.reject(away) };
    const cutOff = createCompositor({ ...kiln.deps, db: kiln.deps.records.db, store });
    for (let run = 0; run < 3; run += 1) {
      await expect(cutOff.run()).rejects.toThrow('the store is away');
      await pool.query('update kiln.composites set due_at = now() where job_id = $1', [job.id]);
    }
    expect(await compositor.run()).toBe(1);
    expect((await kiln.read(job.id)).images[0]).toEqual(job.images[0]);
  });
});
