/**
 * The S3 driver on the S3 server of this run, as it is and with conditional writes. The run prints
 * which server it is and what it cannot prove.
 */
import type { S3Settings } from '@kiln/shared/config/storage';
import { openObjectStore } from '@kiln/shared/storage/open-store';
import { openS3Store } from '@kiln/shared/storage/s3/s3-store';
import type { StoreTimeouts } from '@kiln/shared/storage/store-requests';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { bucketInS3, toSettings } from '../../../support/stores/object-stores.ts';
import { openS3Front, type S3Front } from '../../../support/stores/s3-front.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { describeObjectStore } from '../object-store-contract.ts';

const png = { contentType: 'image/png' };
const { s3 } = inject('engines').stores;
const lacks = { order: !s3.listsInOrder };

const openPlain = () => openObjectStore(toSettings(bucketInS3(s3).environment()));

describeObjectStore('S3', openPlain, lacks);

let front: S3Front;
beforeAll(async () => {
  front = await openS3Front(s3.url);
});
const open = () => openObjectStore(toSettings(bucketInS3(s3).environment(front.url)));

describeObjectStore('S3 with conditional writes', open, lacks);

describe('conditional writes', () => {
  test('are detected at the start', async () => {
    const conditional = await open();
    await conditional.check();
    expect(conditional.remarks).toEqual([]);
    const other = await openPlain();
    await other.check();
    expect(other.remarks).toHaveLength(s3.unproved === null ? 0 : 1);
  });

  test('the server refuses the second of two writes, and its parts are discarded', async () => {
    const store = await open();
    await store.check();
    const before = front.refusals();
    const long = () => inTurns(20);
    await Promise.all([
      store.put('a', Buffer.from('one'), png),
      store.put('a', Buffer.from('two'), png),
    ]);
    expect(front.refusals()).toBe(before + 1);
    await Promise.all([store.put('b', long(), png), store.put('b', long(), png)]);
    expect(front.openUploads()).toEqual([]);
    expect(await store.head('b')).toMatchObject({ size: 20 * 1024 * 1024 });
  });

  test('a write that conflicts with a running one is repeated', async () => {
    const store = await open();
    await store.check();
    front.conflictOnce('c');
    await store.put('c', Buffer.from('c'), png);
    expect(await store.head('c')).toMatchObject({ size: 1 });
  });
});

describe('completing an upload in parts', () => {
  const timeouts = { answerMs: 2_000 };
  const openWith = async (given: Partial<StoreTimeouts>) => {
    const settings = toSettings(bucketInS3(s3).environment(front.url)) as S3Settings;
    const store = openS3Store(settings, given);
    await store.check();
    return store;
  };

  test('may take longer than any other answer', async () => {
    const store = await openWith(timeouts);
    const [made, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    front.completeWith('slow', { onMade: made.resolve, released: released.promise });
    const putting = store.put('slow', inTurns(20), png);
    await made.promise;
    const from = performance.now();
    await waitFor(() => performance.now() - from > 2 * timeouts.answerMs, {
      what: 'more than any other answer may take',
    });
    released.resolve();
    expect(await putting).toMatchObject({ bytes: 20 * 1024 * 1024 });
  });

  test('has succeeded when its answer is lost but the object exists', async () => {
    const store = await openWith({ ...timeouts, completeMs: 2_000 });
    front.completeWith('lost', { onMade: () => undefined, released: new Promise(() => undefined) });
    expect(await store.put('lost', inTurns(20), png)).toMatchObject({ bytes: 20 * 1024 * 1024 });
    expect(await store.head('lost')).toMatchObject({ size: 20 * 1024 * 1024 });
    expect(front.openUploads()).toEqual([]);
  });
});

test('an object that cannot be given its hash is complete all the same', async () => {
  const store = await open();
  await store.check();
  front.refuseCopies('uncopied');
  const { bytes } = await store.put('uncopied', inTurns(20), png);
  expect(await store.head('uncopied')).toEqual({ size: bytes, contentType: 'image/png' });
});

async function* inTurns(megabytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < megabytes; index += 1)
    yield await Promise.resolve(Buffer.alloc(1024 * 1024, index));
}
