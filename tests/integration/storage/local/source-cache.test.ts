/** The source cache: pictures are copied once, verified, and kept up to a limit. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openFileStore } from '@kiln/shared/storage/filesystem/file-store';
import { openSourceCache, type SourceObject } from '@kiln/shared/storage/local/source-cache';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/engines/server-process.ts';

const bytes = Buffer.alloc(1_000, 'picture');
/** The time limit that all waits in the tests have. */
const soon = { timeout: 300_000 };

async function openParts(options: { keptBytes?: number; heartbeatMs?: number } = {}) {
  const root = mkdtempSync(join(temporaryFolder('source-cache').path, 'sources-'));
  const store = await openFileStore(join(root, 'objects'));
  let reads = 0;
  const counted: ObjectStore = {
    ...store,
    get: (key, range) => {
      reads += 1;
      return store.get(key, range);
    },
  };
  const folder = join(root, 'sources', 'wrk_1');
  const cache = await openSourceCache(folder, counted, options);
  async function put(id: string, content = bytes): Promise<SourceObject> {
    const { sha256 } = await store.put(`files/00/${id}`, content, { contentType: 'image/png' });
    return { id, sha256, objectKey: `files/00/${id}`, bytes: content.length };
  }
  return { cache, folder, put, reads: () => reads };
}

async function acquire(
  cache: Awaited<ReturnType<typeof openParts>>['cache'],
  ...sources: SourceObject[]
) {
  const held = await cache.acquire(sources);
  if (held.status === 'missing') throw new Error(`${held.id} is missing`);
  return held;
}

/** Names without the number of the copy. */
const copiesIn = (folder: string) => readdirSync(folder).map((name) => name.replace(/\.\d+$/, ''));

test('a picture that many calls use is read from the store once, unchanged', async () => {
  const { cache, put, reads } = await openParts();
  const source = await put('file-1');
  const held = await Promise.all(Array.from({ length: 12 }, () => acquire(cache, source, source)));
  expect(reads()).toBe(1);
  for (const { bytes: found, release } of held) {
    expect(Buffer.from(await found.get('file-1')!.arrayBuffer())).toEqual(bytes);
    release();
  }
  (await acquire(cache, source)).release();
  expect(reads()).toBe(1);
});

test('an object that is missing or has other bytes is reported missing', async () => {
  const { cache, put } = await openParts();
  const source = await put('file-1');
  const other = createHash('sha256').update('other').digest('hex');
  expect(
    await cache.acquire([source, { ...source, id: 'file-2', objectKey: 'files/00/file-2' }]),
  ).toEqual({
    status: 'missing',
    id: 'file-2',
  });
  expect(await cache.acquire([{ ...source, id: 'file-3', sha256: other }])).toEqual({
    status: 'missing',
    id: 'file-3',
  });
});

test('above the size limit, unused copies are removed, oldest first', async () => {
  const { cache, folder, put } = await openParts({ keptBytes: 2 * bytes.length });
  const sources = await Promise.all(['file-1', 'file-2', 'file-3', 'file-4'].map((id) => put(id)));
  const first = await acquire(cache, sources[0]!);
  for (const source of sources.slice(1)) (await acquire(cache, source)).release();
  await expect.poll(() => copiesIn(folder), soon).toEqual(['file-1', 'file-4']);
  cache.evictUnused();
  await expect.poll(() => copiesIn(folder), soon).toEqual(['file-1']);
  first.release();
  await cache.close();
  expect(readdirSync(dirname(folder))).toEqual([]);
});

const minutesAgo = (minutes: number) => Date.now() / 1_000 - minutes * 60;

function leave(folder: string, minutes: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'file-1.1'), bytes);
  utimesSync(folder, minutesAgo(minutes), minutesAgo(minutes));
}

test('folders of dead processes are removed at a start, or when space is needed', async () => {
  const { folder } = await openParts();
  const [sources, objects] = [dirname(folder), join(dirname(folder), '..', 'objects')];
  for (const minutes of [2, 10, 16]) leave(join(sources, `wrk_${minutes}`), minutes);
  const cache = await openSourceCache(join(sources, 'wrk_new'), await openFileStore(objects));
  expect(readdirSync(sources)).toEqual(['wrk_10', 'wrk_2']);
  cache.evictUnused();
  await expect.poll(() => readdirSync(sources), soon).toEqual(['wrk_2']);
});

test('a process that copies nothing still updates its heartbeat', async () => {
  const { cache, folder, put } = await openParts({ heartbeatMs: 10 });
  (await acquire(cache, await put('file-1'))).release();
  utimesSync(folder, minutesAgo(60), minutesAgo(60));
  await expect.poll(() => statSync(folder).mtimeMs / 1_000, soon).toBeGreaterThan(minutesAgo(1));
  await cache.close();
  expect(readdirSync(dirname(folder))).toEqual([]);
});
