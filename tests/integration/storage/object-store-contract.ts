/** The contract of the object store. Each driver's own test file runs this suite. */
import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  maxBufferedObjectBytes,
  type ObjectStore,
} from '../../../packages/shared/src/storage/object-store.ts';
import { nextTurn } from '../../support/wait-for.ts';

setFlagsFromString('--expose-gc');
const collectNow = runInNewContext('gc') as () => void;

const png = { contentType: 'image/png' };

export interface Lacks {
  /** The server lists objects in its own order: only check which ones it lists. */
  order?: boolean;
  /** The driver does not store hash and type with the object. */
  metadata?: boolean;
}

export function describeObjectStore(
  name: string,
  open: () => Promise<ObjectStore>,
  lacks: Lacks = {},
): void {
  describe(`an object store of ${name}`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    async function read(
      key: string,
      range?: { start?: number; end?: number },
    ): Promise<Buffer | null> {
      const found = await store.get(key, range);
      return found && buffer(found.stream);
    }

    async function keysUnder(
      prefix: string,
      options: { after?: string; limit?: number } = {},
    ): Promise<string[]> {
      const listed = await store.list(prefix, { limit: 1_000, ...options });
      const keys = listed.map((object) => object.key);
      return lacks.order === true ? keys.toSorted() : keys;
    }

    test('its check leaves nothing behind', async () => {
      await store.check();
      expect(await keysUnder('.')).toEqual([]);
    });

    test('an object comes back byte for byte, with its size and sha256', async () => {
      const bytes = randomBytes(300_000);
      const stored = await store.put('whole/picture.png', bytes, png);
      expect(stored).toEqual({ bytes: 300_000, sha256: sha256Of(bytes) });
      expect(await store.head('whole/picture.png')).toMatchObject({ size: 300_000 });
      const found = await store.get('whole/picture.png', { end: 0 });
      expect(found?.size).toBe(300_000);
      found?.stream.destroy();
      expect((await read('whole/picture.png'))?.equals(bytes)).toBe(true);
    });

    test('a stream of unknown length is stored', async () => {
      const chunks = Array.from({ length: 40 }, (_, index) => randomBytes(index * 997));
      const bytes = Buffer.concat(chunks);
      const stored = await store.put('streamed/picture.png', inTurns(chunks), png);
      expect(stored).toEqual({ bytes: bytes.length, sha256: sha256Of(bytes) });
      expect((await read('streamed/picture.png'))?.equals(bytes)).toBe(true);
    });

    test('hash and type are stored with an object, however it was put', async () => {
      const part = Buffer.alloc(1024 * 1024, 'part');
      const inParts = () => inTurns(Array.from({ length: 14 }, () => part));
      for (const [key, bytes] of [
        ['described/whole', part],
        ['described/streamed', inTurns([part])],
        ['described/in/parts', inParts()],
      ] as const) {
        const { bytes: size, sha256 } = await store.put(key, bytes, { contentType: 'image/webp' });
        const described = lacks.metadata === true ? {} : { sha256, contentType: 'image/webp' };
        expect(await store.head(key)).toEqual({ size, ...described });
      }
      const found = await store.get('described/in/parts');
      expect(found && (await hashOf(found.stream))).toBe(
        (await store.put('described/again', inParts(), png)).sha256,
      );
    });

    test('a known hash is not computed again', async () => {
      const sha256 = 'ab'.repeat(32);
      const bytes = randomBytes(1_000);
      expect(await store.put('known', bytes, { ...png, sha256 })).toEqual({ bytes: 1_000, sha256 });
      expect((await read('known'))?.equals(bytes)).toBe(true);
    });

    test('a long stream is read as fast as it is written and never held whole', async () => {
      const chunkBytes = 1024 * 1024;
      const total = 3 * maxBufferedObjectBytes;
      const given: WeakRef<Uint8Array>[] = [];
      const hash = createHash('sha256');
      let mostHeld = 0;
      async function* countHeld(): AsyncGenerator<Uint8Array> {
        for (let size = 0; size < total; size += chunkBytes) {
          let chunk: Uint8Array | null = new Uint8Array(chunkBytes).fill(size / chunkBytes);
          hash.update(chunk);
          given.push(new WeakRef(chunk));
          yield chunk;
          chunk = null;
          if (given.length % 16 > 0) continue;
          await nextTurn(); // a WeakRef keeps its target alive until the end of the turn
          collectNow();
          mostHeld = Math.max(
            mostHeld,
            given.filter((one) => one.deref() !== undefined).length * chunkBytes,
          );
        }
      }
      const stored = await store.put('long/stream', countHeld(), png);
      expect(stored).toEqual({ bytes: total, sha256: hash.digest('hex') });
      expect(await store.head('long/stream')).toMatchObject({ size: total });
      expect(mostHeld).toBeLessThanOrEqual(maxBufferedObjectBytes);
      await store.delete('long/stream');
    });

    test('an object whose reader has gone may fail: that ends no process', async () => {
      await store.put('given/up', randomBytes(1_000), png);
      const found = await store.get('given/up');
      await new Promise<void>((resolve) => {
        // Unlike `once` of node:events, this does not listen for errors.
        found?.stream.once('close', resolve).destroy(new Error('the reader has gone'));
      });
    });

    test('an empty object is an object', async () => {
      expect(await store.put('empty', Buffer.alloc(0), png)).toEqual({
        bytes: 0,
        sha256: sha256Of(Buffer.alloc(0)),
      });
      expect(await store.head('empty')).toMatchObject({ size: 0 });
      expect(await read('empty')).toEqual(Buffer.alloc(0));
    });

    test.each([
      ['from the start', { end: 2 }, 'abc'],
      ['to the end', { start: 3 }, 'defgh'],
      ['in the middle', { start: 2, end: 4 }, 'cde'],
      ['a single byte', { start: 7, end: 7 }, 'h'],
      ['beyond the end', { start: 6, end: 100 }, 'gh'],
    ])('a range is read: %s', async (_which, range, expected) => {
      await store.put('ranges', Buffer.from('abcdefgh'), png);
      expect((await read('ranges', range))?.toString()).toBe(expected);
    });

    test('a missing object is null and may be deleted', async () => {
      expect(await store.get('missing/object')).toBeNull();
      expect(await store.head('missing/object')).toBeNull();
      await store.delete('missing/object');
    });

    test('a deleted object is gone and may be put again', async () => {
      await store.put('deleted/a', Buffer.from('first'), png);
      await store.delete('deleted/a');
      expect(await store.get('deleted/a')).toBeNull();
      expect(await keysUnder('deleted/')).toEqual([]);
      await store.put('deleted/a', Buffer.from('again'), png);
      expect((await read('deleted/a'))?.toString()).toBe('again');
    });

    test('an existing object stays when other bytes are put under its key', async () => {
      const first = Buffer.from('first');
      await store.put('kept/a', first, png);
      await store.put('kept/a', Buffer.from('second'), png);
      await store.put('kept/a', inTurns([Buffer.from('third')]), png);
      const long = inTurns(Array.from({ length: 14 }, () => Buffer.alloc(1024 * 1024, 4)));
      expect(await store.put('kept/a', long, png)).toMatchObject({ bytes: 14 * 1024 * 1024 });
      expect(await read('kept/a')).toEqual(first);
    });

    test('a long source that fails leaves no object either', async () => {
      const cut = new Error('cut');
      const long = breaking(Buffer.alloc(30 * 1024 * 1024), cut);
      await expect(store.put('broken/long', long, png)).rejects.toBe(cut);
      expect(await store.head('broken/long')).toBeNull();
      expect(await keysUnder('broken/long')).toEqual([]);
    });

    test('a range that starts after the end is empty', async () => {
      await store.put('ranges', Buffer.from('abcdefgh'), png);
      expect(await read('ranges', { start: 8 })).toEqual(Buffer.alloc(0));
      expect(await read('ranges', { start: 20, end: 30 })).toEqual(Buffer.alloc(0));
    });

    test('putting a key twice changes nothing', async () => {
      const bytes = randomBytes(1_000);
      const [first, second] = [
        await store.put('twice', bytes, png),
        await store.put('twice', bytes, png),
      ];
      expect(second).toEqual(first);
      expect((await read('twice'))?.equals(bytes)).toBe(true);
      expect(await keysUnder('twice')).toEqual(['twice']);
    });

    test('many concurrent puts of one key leave one complete object', async () => {
      const versions = Array.from({ length: 12 }, (_, index) => Buffer.alloc(200_000, index));
      const put = Promise.all(
        versions.map((bytes) => store.put('contested/a', inTurns(halvesOf(bytes)), png)),
      );
      const seen = await read('contested/a');
      await put;
      const left = await read('contested/a');
      expect(versions.some((bytes) => left !== null && bytes.equals(left))).toBe(true);
      expect(seen === null || versions.some((bytes) => bytes.equals(seen))).toBe(true);
    });

    test('a source that fails leaves no object, and its error is rethrown', async () => {
      const reset = Object.assign(new Error('the upload was cut'), { code: 'ECONNRESET' });
      await expect(store.put('broken/a', breaking(Buffer.alloc(100_000), reset), png)).rejects.toBe(
        reset,
      );
      expect(await store.head('broken/a')).toBeNull();
      expect(await keysUnder('broken/')).toEqual([]);
      expect(await store.put('broken/a', Buffer.from('whole'), png)).toMatchObject({ bytes: 5 });
      expect((await read('broken/a'))?.toString()).toBe('whole');
    });

    test('lists by prefix, in character order, after a key', async () => {
      const keys = [
        'order/a-b',
        'order/a.b',
        'order/a/b',
        'order/a/b-c',
        'order/a/c/d',
        'order/a0',
        'order/aa',
        'order/b',
      ];
      await Promise.all(keys.toReversed().map((key) => store.put(key, Buffer.from(key), png)));
      expect(await keysUnder('order/')).toEqual(keys);
      expect(await keysUnder('order/a')).toEqual(keys.slice(0, -1));
      expect(await keysUnder('order/a/')).toEqual(['order/a/b', 'order/a/b-c', 'order/a/c/d']);
      expect(await keysUnder('order/a/b')).toEqual(['order/a/b', 'order/a/b-c']);
      expect(await keysUnder('order/c')).toEqual([]);
      expect(await keysUnder('nothing/here/')).toEqual([]);
      expect(await keysUnder('order/', { limit: 2 })).toHaveLength(2);
      if (lacks.order !== true)
        expect(await keysUnder('order/', { limit: 2 })).toEqual(keys.slice(0, 2));
      for (const [index, after] of keys.entries())
        expect(await keysUnder('order/', { after })).toEqual(keys.slice(index + 1));
      expect(await keysUnder('order/', { after: 'order/a/b0', limit: 1 })).toEqual(['order/a/c/d']);
    });

    test('lists page by page, each object once', async () => {
      const keys = Array.from(
        { length: 23 },
        (_, index) => `pages/${index % 3}/job_${index + 100}/1-0.png`,
      ).toSorted();
      await Promise.all(keys.map((key) => store.put(key, Buffer.from(key), png)));
      const read: string[] = [];
      for (let page = await keysUnder('pages/', { limit: 5 }); page.length > 0;) {
        read.push(...page);
        page = await keysUnder('pages/', { limit: 5, after: page.at(-1) ?? '' });
      }
      expect(read).toEqual(keys);
    });

    test('lists the size and time of objects', async () => {
      await store.put('listed/a', Buffer.alloc(123), png);
      const [listed] = await store.list('listed/', { limit: 10 });
      expect(listed).toMatchObject({ key: 'listed/a', size: 123 });
      expect(Math.abs(Date.now() - (listed?.modifiedAt.getTime() ?? 0))).toBeLessThan(60_000);
    });

    test.each([
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/./b',
      'a\\b',
      'a b',
      'ä',
      'a\0',
      '.tmp',
      '.tmp/a',
    ])('the key %j is refused everywhere', async (key) => {
      await expect(store.put(key, Buffer.from('x'), png)).rejects.toThrow('not an object key');
      await expect(store.get(key)).rejects.toThrow('not an object key');
      await expect(store.head(key)).rejects.toThrow('not an object key');
      await expect(store.delete(key)).rejects.toThrow('not an object key');
    });
  });
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function halvesOf(bytes: Buffer): Buffer[] {
  return [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];
}

async function* inTurns(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function* breaking(start: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(start);
  throw error;
}
