/** The imaging thread: a picture that hangs or crashes it, and too many pictures at once. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@kiln/shared/logger';
import { createImaging, type ImagingOptions } from '@kiln/shared/imaging/imaging';
import { checkPictureFile } from '@kiln/shared/services/files/check-picture-file';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { expect, onTestFinished, test } from 'vitest';
import { bucketInAzurite, toSettings } from '../../support/stores/object-stores.ts';
import { waitFor } from '../../support/wait-for.ts';
import { paint } from '../../support/pictures/pictures.ts';

const picture = await paint({ width: 9, height: 9 }).png().toBuffer();
const entry = new URL('../../support/unruly-thread.ts', import.meta.url);
const ask = (what: string) => Buffer.from(what);

function start(options: Partial<ImagingOptions> = {}) {
  const imaging = createImaging({
    log: createLogger({ name: 'test', level: 'silent' }),
    ...options,
  });
  onTestFinished(() => imaging.close());
  return imaging;
}

const threadsNow = () =>
  (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;

test('a thread starts with the first picture and ends after a while without any', async () => {
  const before = threadsNow();
  const imaging = start({ idleMs: 20 });
  expect(threadsNow()).toBe(before);
  expect(await imaging.checkSource(picture)).toMatchObject({ status: 'ok' });
  await waitFor(() => threadsNow() === before, { what: 'the thread to end' });
  expect(await imaging.checkSource(picture)).toMatchObject({ status: 'ok' });
});

test.each(['throw', 'throw later', 'exit', 'fill the heap'])(
  'a picture that makes the thread %s is refused, and only that one',
  async (what) => {
    const imaging = start({ entry });
    const [before, crashing, after] = await Promise.all([
      imaging.checkSource(ask('answer')),
      imaging.checkSource(ask(what)),
      imaging.checkSource(ask('answer')),
    ]);
    expect(crashing).toMatchObject({ status: 'refused', code: 'image_check_failed' });
    expect([before, after]).toEqual([{ status: 'answered' }, { status: 'answered' }]);
  },
);

test('what nobody waits for is done last, in the order in which it was asked for', async () => {
  const imaging = start();
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  // The first task takes the thread.
  const first = imaging.checkSource(picture).then(note('first'));
  const background = ['one', 'two'].map((what) =>
    imaging.thumbhash(() => Promise.resolve(Uint8Array.from(picture))).then(note(what)),
  );
  const checks = ['check', 'another check'].map((what) =>
    imaging.checkSource(picture).then(note(what)),
  );
  await Promise.all([first, ...background, ...checks]);
  expect(done).toEqual(['first', 'check', 'another check', 'one', 'two']);
});

test.each(['sleep', 'run out of time'])(
  'a picture that got no processor time (%s) is not refused, and the next one is checked',
  async (what) => {
    const imaging = start({ entry, taskLimitMs: 600_000, wallLimitMs: 3_000 });
    await expect(imaging.checkSource(ask(what))).rejects.toMatchObject({
      code: 'imaging_busy',
      retryAfterMs: 1_000,
    });
    await waitFor(async () => (await imaging.checkSource(ask('answer'))).status.length > 0, {
      what: 'the next picture to be checked',
    });
  },
);

test('a picture that takes too long is refused, and the next one is checked', async () => {
  const imaging = start({ entry, taskLimitMs: 2_000, wallLimitMs: 600_000 });
  const [hanging, after] = await Promise.all([
    imaging.checkSource(ask('hang')),
    imaging.checkSource(ask('answer')),
  ]);
  expect(hanging).toEqual({
    status: 'refused',
    code: 'image_check_failed',
    message: 'took more than 2 s of processor time to decode; save it again in a simpler form',
  });
  expect(after).toEqual({ status: 'answered' });
});

test('waiting pictures are not held: each is fetched when the thread is free', async () => {
  const imaging = start();
  let held = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      await imaging.checkSource(() => {
        held += 1;
        most = Math.max(most, held);
        return Promise.resolve(Uint8Array.from(picture));
      });
      held -= 1;
    }),
  );
  // One is being checked while the answer of the previous one arrives.
  expect(most).toBeLessThanOrEqual(2);
});

test('a picture that cannot be fetched rejects its own check only', async () => {
  const imaging = start();
  const failing = imaging.checkSource(() => Promise.reject(new Error('the store is away')));
  await expect(failing).rejects.toThrow('the store is away');
  expect(await imaging.checkSource(picture)).toMatchObject({ status: 'ok' });
});

test('a picture whose bytes arrive too slowly is abandoned', async () => {
  const cut = Promise.withResolvers<void>();
  const slow = createServer((_request, response) => {
    response.on('close', cut.resolve);
    response.writeHead(200, { 'content-length': '100000', etag: '"1"' }).write('a start');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void slow.close());
  await once(slow, 'listening');
  const { port } = slow.address() as AddressInfo;
  const place = bucketInAzurite(`http://127.0.0.1:${port}`);
  const store = await openObjectStore(toSettings(place.environment()));
  const imaging = start({ fetchLimitMs: 300 });
  const [held, next] = await Promise.allSettled([
    checkPictureFile({ store, imaging }, 'files/00/slow', 'image'),
    imaging.checkSource(picture),
  ]);
  expect(held).toMatchObject({
    reason: {
      code: 'imaging_busy',
      message: 'the picture could not be read within 0.3 s; send it again later',
      retryAfterMs: 1_000,
    },
  });
  expect(next).toMatchObject({ status: 'fulfilled', value: { status: 'ok' } });
  await cut.promise;
});

test('pictures beyond the queue limit are refused as busy', async () => {
  const imaging = start({ maxQueue: 2 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => imaging.checkSource(picture)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
  expect(outcomes[4]).toMatchObject({ reason: { code: 'imaging_busy', retryAfterMs: 1_000 } });
  expect(await imaging.checkSource(picture)).toMatchObject({ status: 'ok' });
});

test('a closed pool checks nothing more', async () => {
  const imaging = start();
  const waiting = [imaging.checkSource(picture), imaging.checkSource(picture)];
  const settled = Promise.allSettled(waiting);
  await imaging.close();
  await settled;
  await expect(imaging.checkSource(picture)).rejects.toMatchObject({ code: 'imaging_busy' });
});

test('a picture that is being checked when the pool closes is not refused as bad', async () => {
  const before = threadsNow();
  const imaging = start({ entry });
  const check = imaging.checkSource(ask('hang'));
  await waitFor(() => threadsNow() > before, { what: 'the thread to run' });
  const refused = expect(check).rejects.toMatchObject({ code: 'imaging_busy' });
  await imaging.close();
  await refused;
});
