/** Edits: the provider receives the uploaded bytes, and no call is made without them. */
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { listExpiredFiles } from '@kiln/shared/records/files/files';
import type { Job } from '@kiln/shared/schemas/job';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines, enginesOf } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { drawMask, drawPicture, toDataUrl } from '../../support/pictures/edit-pictures.ts';
import { waitFor } from '../../support/wait-for.ts';
import { field, filePart, upload } from '../api/form.ts';
import { attemptsOf, callsOf, expectKept, ledgerOf, sha256 } from './support.ts';

let png: Buffer;
let jpeg: Buffer;
let mask: Buffer;

beforeAll(async () => {
  [png, jpeg, mask] = await Promise.all([drawPicture('png'), drawPicture('jpeg'), drawMask()]);
});

async function uploadPicture(kiln: TestKiln, bytes: Buffer, filename = 'a.png'): Promise<string> {
  return (await upload(kiln, [field('purpose', 'vision'), filePart(bytes, filename)])).id;
}

async function deletionOf(kiln: TestKiln, id: string): Promise<number> {
  return (await kiln.request(`/v1/files/${id}`, { method: 'DELETE' })).status;
}

describe.each(enginesOf(import.meta.filename))('on $name', (engine) => {
  test('files, data URLs and the mask arrive byte for byte', async () => {
    const kiln = await startKiln({ engine });
    const id = await uploadPicture(kiln, jpeg, 'photo.jpg');
    const submitted = await kiln.submit({
      images: [{ file_id: id }, { image_url: toDataUrl(png) }],
      mask: { image_url: toDataUrl(mask) },
    });
    expect(submitted).toMatchObject({
      endpoint: '/v1/images/edits',
      request: { images: [{ file_id: id }, {}] },
    });
    const job = await kiln.ended(submitted.id);
    const [call, ...more] = await callsOf(kiln, job.id);
    expect(more).toEqual([]);
    expect(call).toMatchObject({
      route: '/v1/images/edits',
      source_sha256: [sha256(jpeg), sha256(png)],
      mask_sha256: sha256(mask),
      markup_sha256: null,
    });
    await expectKept(kiln, job, call!.image_sha256);
    // A picture inside the request has become a file.
    const inline = job.request.images?.[1]?.file_id ?? '';
    const content = await kiln.request(`/v1/files/${inline}/content`);
    expect(sha256(Buffer.from(await content.arrayBuffer()))).toBe(sha256(png));
  });

  test('a mask of the stored size of a turned photograph is turned with it', async () => {
    const kiln = await startKiln({ engine });
    const stored = await drawMask({ width: 48, height: 32 });
    const shown = await drawMask({ width: 32, height: 48 });
    const photo = await sharp(jpeg).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const turned = await sharp(stored).rotate(90).png({ compressionLevel: 9 }).toBuffer();
    const id = await uploadPicture(kiln, photo, 'photo.jpg');
    for (const [sent, received] of [
      [stored, turned],
      [shown, shown],
    ] as const) {
      const { id: jobId } = await kiln.submit({
        images: [{ file_id: id }],
        mask: { image_url: toDataUrl(sent) },
      });
      expect(await kiln.ended(jobId)).toMatchObject({ status: 'succeeded' });
      expect((await callsOf(kiln, jobId)).map((call) => call.mask_sha256)).toEqual([
        sha256(received),
      ]);
    }
  });

  test('a retried call sends the bytes again', async () => {
    const kiln = await startKiln({ engine });
    await kiln.control('POST', 'faults', { fault: 'reset', times: 1 });
    const job = await kiln.ended(
      (await kiln.submit({ images: [{ image_url: toDataUrl(png) }] })).id,
    );
    expect(job.status).toBe('succeeded');
    const calls = await callsOf(kiln, job.id);
    expect(calls.map((call) => call.source_sha256)).toEqual([[sha256(png)], [sha256(png)]]);
  });
});

describe('with the queue on PostgreSQL', () => {
  const [engine] = engines;
  const start = (options: Partial<Parameters<typeof startKiln>[0]> = {}) =>
    startKiln({ engine: engine!, ...options });

  test('sixteen images arrive in their order', async () => {
    const kiln = await start();
    const pictures = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        drawPicture('png', { colour: `rgb(${index * 15}, 0, 90)` }),
      ),
    );
    const images = pictures.map((bytes) => ({ image_url: toDataUrl(bytes) }));
    const job = await kiln.ended((await kiln.submit({ images })).id);
    expect(job.status).toBe('succeeded');
    expect((await callsOf(kiln, job.id))[0]!.source_sha256).toEqual(pictures.map(sha256));
  });

  test('a streamed edit has its previews and its picture', async () => {
    const kiln = await start({ env: { KILN_STREAM_PARTIAL_IMAGES: '2' } });
    const job = await kiln.ended(
      (await kiln.submit({ images: [{ image_url: toDataUrl(png) }] })).id,
    );
    const [call] = await callsOf(kiln, job.id);
    expect(call).toMatchObject({ partial_images: 2, source_sha256: [sha256(png)] });
    await expectKept(kiln, job, call!.image_sha256);
  });

  test('a file that a job needs stays until the job has ended', async () => {
    const kiln = await start({ workers: false });
    const id = await uploadPicture(kiln, png);
    const job = await kiln.submit({ images: [{ file_id: id }] });
    expect(await deletionOf(kiln, id)).toBe(409);
    const { db, pool } = kiln.deps.records;
    await pool.query("update kiln.files set expires_at = now() - interval '1 hour' where id = $1", [
      id,
    ]);
    expect(await listExpiredFiles(db, null, { limit: 10, except: [] })).toEqual([]);
    // Otherwise the workers' own maintenance might delete it first.
    await pool.query('update kiln.files set expires_at = null where id = $1', [id]);
    await kiln.startWorkers();
    expect((await kiln.ended(job.id)).status).toBe('succeeded');
    expect(await deletionOf(kiln, id)).toBe(200);
  });

  test('a missing picture fails the job without a call and without an attempt', async () => {
    const kiln = await start({ workers: false });
    const lost = await uploadPicture(kiln, png);
    const spoilt = await uploadPicture(kiln, jpeg, 'b.jpg');
    const jobs = [
      await kiln.submit({ images: [{ file_id: lost }] }),
      await kiln.submit({ images: [{ file_id: spoilt }] }),
    ];
    const { pool } = kiln.deps.records;
    const { rows } = await pool.query<{ object_key: string }>(
      'select object_key from kiln.files where id = $1',
      [lost],
    );
    await kiln.deps.store.delete(rows[0]!.object_key);
    await pool.query('update kiln.files set deleted_at = now() where id = $1', [spoilt]);
    await kiln.startWorkers();
    for (const job of jobs) {
      const ended = await kiln.ended(job.id);
      expect(ended).toMatchObject({
        status: 'failed',
        error: { code: 'source_missing' },
        attempts: { made: 0 },
      });
      expect(await attemptsOf(kiln, job.id)).toEqual([]);
    }
    expect((await ledgerOf(kiln)).counters.calls).toBe(0);
  });

  test('the estimate of an edit follows what earlier edits were billed', async () => {
    const kiln = await start();
    // The provider bills a gif by its frames, which the model table does not know.
    const edit = () =>
      kiln.submit({
        model: 'gpt-image-2.5-flare',
        images: [{ image_url: toDataUrl(png) }],
        quality: 'low',
        size: '1024x1024',
        output_format: 'gif',
        frame_count: 3,
      });
    const first = await edit();
    const ended = await kiln.ended(first.id);
    expect(first.cost.estimate_basis).toBe('inferred');
    expect(first.cost.estimated).not.toBe(ended.cost.actual);
    const next = await waitFor(
      async () => {
        const job = await edit();
        return job.cost.estimate_basis === 'inferred' ? false : job;
      },
      { what: 'an estimate that follows the bill' },
    );
    expect(next.cost.estimate_basis).toMatch(/^learnt from [1-9]\d* calls?$/);
    expect(next.cost.estimated).toBe(ended.cost.actual);
    await kiln.ended(next.id);
  });

  test('an interrupted request is sent a limited number of times', async () => {
    const kiln = await start({ workers: false });
    await kiln.control('POST', 'faults', { fault: 'reset-before-read', times: null });
    // More than the buffers of the sockets hold.
    const id = await uploadPicture(kiln, Buffer.concat([png, Buffer.alloc(40_000_000)]));
    const submitAfter = async (code: string, refusals: number) => {
      const job = await kiln.submit({ images: [{ file_id: id }] });
      await kiln.deps.records.pool.query(
        `insert into kiln.attempts (job_id, no, project_id, deployment, pool, status, worker, error)
         select $1, no, 'default', 'simulator', 'default', 'refused', 'an earlier one',
             jsonb_build_object('code', $2::text, 'message', '', 'param', null, 'moderation', null)
         from generate_series(1, $3::int) no`,
        [job.id, code, refusals],
      );
      return job.id;
    };
    const last = await submitAfter('not_sendable', 4);
    const unreached = await submitAfter('connection_failed', 20);
    await kiln.startWorkers();
    expect(await kiln.ended(last)).toMatchObject({
      status: 'failed',
      error: { code: 'not_sendable' },
      attempts: { made: 0 },
      cost: { at_risk: 0 },
    });
    const attempts = await waitFor(
      async () =>
        ((all) => all[20]?.status === 'refused' && all)(await attemptsOf(kiln, unreached)),
      { what: 'its call' },
    );
    expect(attempts[20]).toMatchObject({ error: { code: 'not_sendable' } });
    // The job waits before its next call, because the network may be disturbed.
    const waiting = await kiln.ended(unreached, ['queued']);
    expect(waiting.error).toBeNull();
    const { rows } = await kiln.deps.records.pool.query<{ seconds: number }>(
      `select extract(epoch from available_at -
         (select max(finished_at) from kiln.attempts where job_id = $1))::float8 as seconds
       from kiln.jobs where id = $1`,
      [unreached],
    );
    expect(rows[0]!.seconds).toBeGreaterThan(3.9);
  });

  test('copies on disk that were deleted are made again', async () => {
    const kiln = await start();
    const id = await uploadPicture(kiln, png);
    const run = async (): Promise<Job> =>
      kiln.ended((await kiln.submit({ images: [{ file_id: id }] })).id);
    expect((await run()).status).toBe('succeeded');
    await rm(join(kiln.dataDir, 'sources'), { recursive: true });
    expect((await run()).status).toBe('succeeded');
    expect((await ledgerOf(kiln)).entries.map((entry) => entry.source_sha256)).toEqual([
      [sha256(png)],
      [sha256(png)],
    ]);
  });
});
