/** Previews of streamed calls: they are stored beside the images, and never endanger them. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { createLogger } from '@kiln/shared/logger';
import type { Records } from '@kiln/shared/records/database/open-records';
import { createPreviewKeeper } from '@kiln/shared/services/running/previews';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openFileStore } from '@kiln/shared/storage/filesystem/file-store';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../../support/engines/engines.ts';
import { startKiln, type TestKiln } from '../../support/kiln.ts';
import { temporaryFolder } from '../../support/engines/server-process.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  addInFlight,
  eventsOf,
  facts,
  images,
  openTestRecords,
  type TestRecords,
} from '../records/support.ts';
import { readError } from '../api/support.ts';
import { callAttemptsOf, callsOf, expectKept, ledgerOf } from './support.ts';
import { settleSucceeded } from '../../support/ledger.ts';

async function previewsOf(store: ObjectStore, jobId: string): Promise<string[]> {
  const listed = await store.list(`previews/${jobId.slice(-2)}/${jobId}/`, { limit: 100 });
  return listed.map(({ key }) => key.split('/').at(-1) ?? '');
}

/** The data of a job's preview events. */
async function previewEventsOf(records: Pick<Records, 'pool'>, jobId: string): Promise<object[]> {
  const { rows } = await records.pool.query<{ data: object }>(
    "select data from kiln.events where job_id = $1 and type = 'job.partial_image' order by seq",
    [jobId],
  );
  return rows.map(({ data }) => data);
}

describe('a job whose deployment streams', () => {
  let kiln: TestKiln;
  beforeAll(async () => {
    kiln = await startKiln({
      engine: engines[0]!,
      env: { KILN_STREAM_PARTIAL_IMAGES: '2' },
    });
  });

  test('stores its last preview during the call, and its picture at the end', async () => {
    await kiln.control('PATCH', 'settings', { gate: true });
    const { id } = await kiln.submit();
    // A busy machine may miss a start, so the call is not always the first attempt.
    const name = await waitFor(
      async () => (await previewsOf(kiln.deps.store, id)).find((each) => each.endsWith('-1.png')),
      { what: 'the last preview' },
    );
    const attempt = Number.parseInt(name, 10);
    expect(await kiln.read(id)).toMatchObject({ status: 'in_progress', images: [] });
    const last = { id, attempt, partial_image_index: 1, output_format: 'png' };
    // The preview before it may have an event as well.
    const found = await waitFor(
      async () =>
        (await previewEventsOf(kiln.deps.records, id)).find((each) =>
          isDeepStrictEqual(each, last),
        ),
      { what: 'the event of it' },
    );
    expect((await previewEventsOf(kiln.deps.records, id)).at(-1)).toEqual(found);

    const address = `/v1/jobs/${id}/partial_images/1`;
    // An event can be read a moment after it was written.
    const sent = await waitFor(
      async () => {
        const response = await kiln.request(`${address}?attempt=${attempt}`);
        return response.status === 200 && response;
      },
      { what: 'the preview over HTTP' },
    );
    expect(sent.headers.get('content-type')).toBe('image/png');
    expect(sent.headers.get('cache-control')).toBe('private, no-cache');
    const kept = await kiln.deps.store.get(`previews/${id.slice(-2)}/${id}/${name}`);
    expect(Buffer.from(await sent.arrayBuffer())).toEqual(await buffer(kept!.stream));
    const known = { 'if-none-match': sent.headers.get('etag') ?? '' };
    expect((await kiln.request(address, { headers: known })).status).toBe(304);
    for (const none of [`${address}?attempt=${attempt + 1}`, `/v1/jobs/${id}/partial_images/3`])
      expect(await readError(await kiln.request(none))).toMatchObject({
        status: 404,
        code: 'image_not_found',
      });
    await kiln.control('PATCH', 'settings', { gate: false });

    const job = await kiln.ended(id);
    const [call] = await callsOf(kiln, id);
    expect(call).toMatchObject({ partial_images: 2, fault: null });
    await expectKept(kiln, job, call!.image_sha256);
    expect(job.usage).toEqual(call!.usage);
  });

  test('with several images is called without streaming', async () => {
    const job = await kiln.ended((await kiln.submit({ n: 2 })).id);
    expect(await callsOf(kiln, job.id)).toMatchObject([{ partial_images: null, n: 2 }]);
    expect(await previewsOf(kiln.deps.store, job.id)).toEqual([]);
  });
});

test('a preview is not a result: a stream that stops is unknown and called again', async () => {
  const kiln = await startKiln({
    engine: engines[0]!,
    env: { KILN_STREAM_PARTIAL_IMAGES: '2', KILN_STREAM_IDLE_MS: '10000' },
  });
  await kiln.control('POST', 'faults', { fault: 'hang' });
  const job = await kiln.ended((await kiln.submit()).id);
  const calls = await callsOf(kiln, job.id);
  expect(calls).toMatchObject([{ fault: 'hang' }, { fault: null }]);
  const attempts = await callAttemptsOf(kiln, job.id);
  expect(attempts).toMatchObject([
    { status: 'unknown', error: { code: 'provider_timeout' } },
    { status: 'succeeded' },
  ]);
  const [first, second] = attempts.map(({ number }) => number);
  await expectKept(kiln, job, calls[1]!.image_sha256);
  await waitFor(
    async () => (await previewsOf(kiln.deps.store, job.id)).includes(`${second}-1.png`),
    {
      what: 'the preview of the second attempt',
    },
  );
  expect(await previewsOf(kiln.deps.store, job.id)).toContain(`${first}-1.png`);
});

test('a streamed call outlives the time limit of calls that are not streamed', async () => {
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
  const silent = createLogger({ name: 'test', level: 'silent' });
  let records: TestRecords;
  let store: ObjectStore;
  let pictures: Uint8Array[];
  beforeAll(async () => {
    records = await openTestRecords();
    store = await openFileStore(mkdtempSync(join(temporaryFolder('previews').path, 'store-')));
    pictures = await Promise.all(
      ['red', 'green', 'blue'].map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
  });
  const keeperOf = (jobId: string, kept = store, isWatched = false) =>
    createPreviewKeeper({ db: records.db, store: kept, log: silent }, { jobId, no: 1 }, isWatched);

  test('the newest is stored under the key of its attempt and has an event', async () => {
    const { jobId } = await addInFlight(records);
    const keeper = keeperOf(jobId);
    for (const [index, picture] of pictures.entries()) keeper.offer(index, picture);
    await keeper.settled();
    // While the first was written, the second arrived and was replaced by the third.
    expect(await previewsOf(store, jobId)).toEqual(['1-0.jpeg', '1-2.jpeg']);
    expect(await previewEventsOf(records, jobId)).toEqual(
      [0, 2].map((index) => ({
        id: jobId,
        attempt: 1,
        partial_image_index: index,
        output_format: 'jpeg',
      })),
    );
    const kept = await store.get(`previews/${jobId.slice(-2)}/${jobId}/1-2.jpeg`);
    expect(await buffer(kept!.stream)).toEqual(pictures[2]);
  });

  test('all of them are stored for a job whose client asked for previews', async () => {
    const { jobId } = await addInFlight(records);
    const keeper = keeperOf(jobId, store, true);
    for (const [index, picture] of pictures.entries()) keeper.offer(index, picture);
    await keeper.settled();
    expect(await previewsOf(store, jobId)).toEqual(['1-0.jpeg', '1-1.jpeg', '1-2.jpeg']);
    expect(await previewEventsOf(records, jobId)).toHaveLength(3);
  });

  test('bytes that are no picture, or a failing store, lose only the preview', async () => {
    const { jobId } = await addInFlight(records);
    const failing: ObjectStore = {
      ...store,
      put: () => Promise.reject(new Error('the store is unavailable')),
    };
    for (const each of [store, failing]) {
      const keeper = keeperOf(jobId, each);
      keeper.offer(0, each === store ? Buffer.from('no picture') : pictures[0]!);
      await keeper.settled();
    }
    expect(await previewEventsOf(records, jobId)).toEqual([]);
    expect(await previewsOf(store, jobId)).toEqual([]);
  });

  test('a preview that is stored after the end of its job has no event', async () => {
    const claim = await addInFlight(records);
    expect(await settleSucceeded(records.db, claim, 1, facts, images)).toBe(true);
    const keeper = keeperOf(claim.jobId);
    keeper.offer(0, pictures[0]!);
    await keeper.settled();
    expect(await previewsOf(store, claim.jobId)).toEqual(['1-0.jpeg']);
    expect(await eventsOf(records, claim.jobId)).toEqual([
      'job.created',
      'job.started',
      'job.succeeded',
    ]);
  });
});
