/** Copies of pictures on disk: made once, checked, kept while there is room. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import { openFileStore } from '@kiln/shared/storage/filesystem/file-store';
import { openSourceStage, type SourceObject } from '@kiln/shared/storage/local/source-stage';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/engines/server-process.ts';

const bytes = Buffer.alloc(1_000, 'picture');
/** As long as everything else is waited for. */
const soon = { timeout: 30_000 };

async function openParts(options: { keptBytes?: number; heartbeatMs?: number } = {}) {
  const root = mkdtempSync(join(temporaryFolder('stage').path, 'sources-'));
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
  const stage = await openSourceStage(folder, counted, options);
  async function put(id: string, content = bytes): Promise<SourceObject> {
    const { sha256 } = await store.put(`files/00/${id}`, content, { contentType: 'image/png' });
    return { id, sha256, objectKey: `files/00/${id}`, bytes: content.length };
  }
  return { stage, folder, put, reads: () => reads };
}

async function hold(
  stage: Awaited<ReturnType<typeof openParts>>['stage'],
  ...sources: SourceObject[]
) {
  const held = await stage.hold(sources);
  if (held.status === 'missing') throw new Error(`${held.id} is missing`);
  return held;
}

/** Without the numbers behind their names. */
const copiesIn = (folder: string) => readdirSync(folder).map((name) => name.replace(/\.\d+$/, ''));

test('however many hold a picture, it is read from the store once, and its bytes are as they were', async () => {
  const { stage, put, reads } = await openParts();
  const source = await put('file-1');
  const held = await Promise.all(Array.from({ length: 12 }, () => hold(stage, source, source)));
  expect(reads()).toBe(1);
  for (const { bytes: found, release } of held) {
    expect(Buffer.from(await found.get('file-1')!.arrayBuffer())).toEqual(bytes);
    release();
  }
  (await hold(stage, source)).release();
  expect(reads()).toBe(1);
});

test('what is not in the store, or has other bytes, is missing', async () => {
  const { stage, put } = await openParts();
  const source = await put('file-1');
  const other = createHash('sha256').update('other').digest('hex');
  expect(
    await stage.hold([source, { ...source, id: 'file-2', objectKey: 'files/00/file-2' }]),
  ).toEqual({
    status: 'missing',
    id: 'file-2',
  });
  expect(await stage.hold([{ ...source, id: 'file-3', sha256: other }])).toEqual({
    status: 'missing',
    id: 'file-3',
  });
});

test('beyond the room for them those go that nobody holds, oldest first', async () => {
  const { stage, folder, put } = await openParts({ keptBytes: 2 * bytes.length });
  const sources = await Promise.all(['file-1', 'file-2', 'file-3', 'file-4'].map((id) => put(id)));
  const first = await hold(stage, sources[0]!);
  for (const source of sources.slice(1)) (await hold(stage, source)).release();
  await expect.poll(() => copiesIn(folder), soon).toEqual(['file-1', 'file-4']);
  stage.shrink();
  await expect.poll(() => copiesIn(folder), soon).toEqual(['file-1']);
  first.release();
  await stage.close();
  expect(readdirSync(dirname(folder))).toEqual([]);
});

const minutesAgo = (minutes: number) => Date.now() / 1_000 - minutes * 60;

function leave(folder: string, minutes: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'file-1.1'), bytes);
  utimesSync(folder, minutesAgo(minutes), minutesAgo(minutes));
}

test('what processes have left that died is removed at the next start; where room is wanted, sooner', async () => {
  const { folder } = await openParts();
  const [sources, objects] = [dirname(folder), join(dirname(folder), '..', 'objects')];
  for (const minutes of [2, 10, 16]) leave(join(sources, `wrk_${minutes}`), minutes);
  const stage = await openSourceStage(join(sources, 'wrk_new'), await openFileStore(objects));
  expect(readdirSync(sources)).toEqual(['wrk_10', 'wrk_2']);
  stage.shrink();
  await expect.poll(() => readdirSync(sources), soon).toEqual(['wrk_2']);
});

test('one that lives says so, however long it copies nothing', async () => {
  const { stage, folder, put } = await openParts({ heartbeatMs: 10 });
  (await hold(stage, await put('file-1'))).release();
  utimesSync(folder, minutesAgo(60), minutesAgo(60));
  await expect.poll(() => statSync(folder).mtimeMs / 1_000, soon).toBeGreaterThan(minutesAgo(1));
  await stage.close();
  expect(readdirSync(dirname(folder))).toEqual([]);
});
