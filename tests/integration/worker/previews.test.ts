/** Streamed calls through a worker: previews beside the images, never instead of them, and never at their cost. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createLogger } from '@kiln/shared/logger';
import { createPreviewKeeper, type KeptPreview } from '@kiln/shared/services/previews';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../support/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { temporaryFolder } from '../../support/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import { attemptsOf, callsOf, expectKept, ledgerOf } from './support.ts';

async function previewsOf(store: ObjectStore, jobId: string): Promise<string[]> {
  const listed = await store.list(`previews/${jobId.slice(-2)}/${jobId}/`, { limit: 100 });
  return listed.map(({ key }) => key.split('/').at(-1) ?? '');
}

describe('a job whose deployment streams', () => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({
      engine: engines[0]!,
      env: { KILN_STREAM_PARTIAL_IMAGES: '2', KILN_STREAM_IDLE_MS: '1000' },
    });
  });

  test('has its last preview in the store while it is under way, and its picture when it has succeeded', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const { id } = await kiln.submit();
    await waitFor(async () => (await previewsOf(kiln.deps.store, id)).includes('1-1.png'), {
      what: 'the last preview',
    });
    expect(await kiln.read(id)).toMatchObject({ status: 'in_progress', images: [] });
    await kiln.control('PATCH', 'settings', { gate: false });

    const job = await kiln.ended(id);
    const [call] = await callsOf(kiln, id);
    expect(call).toMatchObject({ partial_images: 2, fault: null });
    await expectKept(kiln, job, call!.image_sha256);
    expect(job.usage).toEqual(call!.usage);
  });

  test('is not succeeded by a preview: a silent stream is unknown, and called for once more', async () => {
    await kiln.control('POST', 'faults', { fault: 'hang' });
    const job = await kiln.ended((await kiln.submit()).id);
    const calls = await callsOf(kiln, job.id);
    expect(calls).toMatchObject([{ fault: 'hang' }, { fault: null }]);
    expect(await attemptsOf(kiln, job.id)).toMatchObject([
      { status: 'unknown', error: { code: 'provider_timeout' } },
      { status: 'succeeded' },
    ]);
    await expectKept(kiln, job, calls[1]!.image_sha256);
    await waitFor(async () => (await previewsOf(kiln.deps.store, job.id)).includes('2-1.png'), {
      what: 'the preview of the second attempt',
    });
    expect(await previewsOf(kiln.deps.store, job.id)).toContain('1-1.png');
  });

  test('of several images is called for in one piece', async () => {
    const job = await kiln.ended((await kiln.submit({ n: 2 })).id);
    expect(await callsOf(kiln, job.id)).toMatchObject([{ partial_images: null, n: 2 }]);
    expect(await previewsOf(kiln.deps.store, job.id)).toEqual([]);
  });
});

test('the wall: a streamed job outlives it with one call', async () => {
  const kiln = await startKiln({
    engine: engines[0]!,
    simulator: { latencyMs: { min: 200, max: 200 }, wallMs: 60 },
    env: { KILN_STREAM_PARTIAL_IMAGES: '1' },
  });
  const job = await kiln.ended((await kiln.submit()).id);
  expect(job).toMatchObject({ status: 'succeeded', attempts: { made: 1 } });
  expect((await ledgerOf(kiln)).counters).toMatchObject({ calls: 1, paid: 1 });
});

describe('keeping previews', () => {
  const attempt = { jobId: 'job_0123456789ab', no: 3 };
  const silent = createLogger({ name: 'test', level: 'silent' });
  let store: ObjectStore;
  let pictures: Uint8Array[];
  beforeAll(async () => {
    store = await openObjectStore(`file:${mkdtempSync(join(temporaryFolder('previews').path, 'store-'))}`);
    pictures = await Promise.all(
      ['red', 'green', 'blue'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
  });

  test('the newest is kept under the attempt’s own key, and told', async () => {
    const told: KeptPreview[] = [];
    const keeper = createPreviewKeeper(
      { store, log: silent, onKept: (preview) => told.push(preview) },
      attempt,
    );
    for (const [index, picture] of pictures.entries()) keeper.offer(index, picture);
    await keeper.settled();
    // The second came and was overtaken while the first was written.
    const objectKey = 'previews/ab/job_0123456789ab/3-2.jpeg';
    expect(told.map(({ index }) => index)).toEqual([0, 2]);
    expect(told.at(-1)).toEqual({ jobId: attempt.jobId, attemptNo: 3, index: 2, objectKey });
    const kept = await store.get(objectKey);
    expect(await buffer(kept!.stream)).toEqual(pictures[2]);
    expect(await previewsOf(store, attempt.jobId)).toEqual(['3-0.jpeg', '3-2.jpeg']);
  });

  test('what is no picture, and a store that fails, cost nothing but the preview', async () => {
    const told: KeptPreview[] = [];
    const failing: ObjectStore = { ...store, put: () => Promise.reject(new Error('the store is away')) };
    for (const each of [store, failing]) {
      const keeper = createPreviewKeeper(
        { store: each, log: silent, onKept: (preview) => told.push(preview) },
        { ...attempt, no: 4 },
      );
      keeper.offer(0, each === store ? Buffer.from('no picture') : pictures[0]!);
      await keeper.settled();
    }
    expect(told).toEqual([]);
    expect(await previewsOf(store, attempt.jobId)).not.toContain('4-0.jpeg');
  });
});
