import { statSync } from 'node:fs';
import {
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { explain } from '../../../../packages/shared/src/storage/filesystem/durable-files.ts';
import { openFileStore } from '../../../../packages/shared/src/storage/filesystem/file-store.ts';
import { StorageError } from '../../../../packages/shared/src/storage/object-store.ts';
import { temporaryFolder } from '../../../support/engines/server-process.ts';
import { describeObjectStore } from '../object-store-contract.ts';

const png = { contentType: 'image/png' };
const folder = temporaryFolder('objects').path;
let count = 0;

/** A path for a folder that does not exist yet. */
function newRoot(): string {
  count += 1;
  return join(folder, `store-${count}`, 'objects');
}

describeObjectStore('files', () => openFileStore(newRoot()), { metadata: true });

test('objects outlive the store that wrote them', async () => {
  const root = newRoot();
  const store = await openFileStore(root);
  await store.put('a/b', Buffer.from('kept'), png);
  await store.close();
  const found = await (await openFileStore(root)).get('a/b');
  expect(found && (await buffer(found.stream)).toString()).toBe('kept');
});

test('a write that fails or comes second leaves nothing behind', async () => {
  const root = newRoot();
  const store = await openFileStore(root);
  const broken = (async function* () {
    yield Buffer.alloc(10);
    throw await Promise.resolve(new Error('cut'));
  })();
  await expect(store.put('a', broken, png)).rejects.toThrow('cut');
  await store.put('b', Buffer.from('b'), png);
  await store.put('b', Buffer.from('b'), png);
  expect(await readdir(join(root, '.tmp'))).toEqual([]);
  expect((await readdir(root)).toSorted()).toEqual(['.tmp', 'b']);
});

test('an object is invisible while it is being written', async () => {
  const store = await openFileStore(newRoot());
  const seen: unknown[] = [];
  const watched = (async function* () {
    for (let chunk = 0; chunk < 3; chunk += 1) {
      yield Buffer.alloc(1_000);
      seen.push(await store.head('slow/a'), await store.list('slow/', { limit: 10 }));
    }
  })();
  await store.put('slow/a', watched, png);
  expect(seen).toEqual([null, [], null, [], null, []]);
  expect(await store.head('slow/a')).toEqual({ size: 3_000 });
});

test("a crashed writer's file is removed after a day; a running writer's file stays", async () => {
  const root = newRoot();
  await openFileStore(root);
  const dayAgoSeconds = Date.now() / 1_000 - 24 * 3_600;
  for (const [name, seconds] of [
    ['old', dayAgoSeconds - 60],
    ['young', dayAgoSeconds + 60],
  ] as const) {
    await writeFile(join(root, '.tmp', name), 'half');
    await utimes(join(root, '.tmp', name), seconds, seconds);
  }
  const store = await openFileStore(root);
  expect(await readdir(join(root, '.tmp'))).toEqual(['young']);
  expect(await store.list('', { limit: 10 })).toEqual([]);
});

describe('a put resolves once every folder on the path is on disk', () => {
  test('folders that another process made are synced as well, once', async () => {
    const root = newRoot();
    const store = await openFileStore(root);
    await mkdir(join(root, 'images/ab'), { recursive: true });
    const syncs = await watchSyncs();
    await store.put('images/ab/1', Buffer.from('1'), png);
    expect(syncs.of(root, 'images', 'images/ab')).toEqual([1, 1, 1]);
    await store.put('images/ab/2', Buffer.from('2'), png);
    expect(syncs.of(root, 'images', 'images/ab')).toEqual([1, 1, 2]);
  });

  test('a failed sync is repeated', async () => {
    const root = newRoot();
    const store = await openFileStore(root);
    await store.put('images/aa/1', Buffer.from('1'), png);
    const syncs = await watchSyncs();
    syncs.before(join(root, 'images'), () => {
      throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    });
    const failed = store.put('images/ab/1', Buffer.from('1'), png);
    await expect(failed).rejects.toMatchObject({ code: 'storage_unavailable' });
    syncs.before(join(root, 'images'), () => undefined);
    await store.put('images/ab/1', Buffer.from('1'), png);
    expect(syncs.of(root, 'images', 'images/ab')).toEqual([0, 1, 1]);
  });

  test('other writers do not rely on a sync that is still running', async () => {
    const root = newRoot();
    const store = await openFileStore(root);
    await store.put('images/aa/1', Buffer.from('1'), png);
    const syncs = await watchSyncs();
    const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    syncs.before(join(root, 'images'), () => {
      begun.resolve();
      return ended.promise;
    });
    const first = store.put('images/ab/1', Buffer.from('1'), png);
    await begun.promise;
    let isSecondKept = false;
    const second = store
      .put('images/ab/2', Buffer.from('2'), png)
      .then(() => (isSecondKept = true));
    // These puts take far longer than the second put would take by itself.
    for (let index = 0; index < 30; index += 1)
      await store.put(`images/aa/other-${index}`, Buffer.from('x'), png);
    expect(isSecondKept).toBe(false);
    ended.resolve();
    await Promise.all([first, second]);
    expect(syncs.of(root, 'images', 'images/ab')).toEqual([0, 2, 2]);
  });
});

/**
 * Counts the successful syncs of folders and runs an action before each, to delay it or make it
 * fail.
 */
async function watchSyncs() {
  const handle = await openFile(folder, 'r');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const counts = new Map<number, number>();
  const before = new Map<number, () => Promise<void> | undefined>();
  const sync = prototype.sync;
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    const { ino } = await this.stat();
    await before.get(ino)?.();
    await sync.call(this);
    counts.set(ino, (counts.get(ino) ?? 0) + 1);
  });
  onTestFinished(() => spy.mockRestore());
  return {
    before: (path: string, act: () => Promise<void> | undefined) =>
      void before.set(statSync(path).ino, act),
    of: (root: string, ...below: string[]) =>
      ['.', ...below].map((name) => counts.get(statSync(join(root, name)).ino) ?? 0),
  };
}

describe('a symbolic link in the store', () => {
  async function openWithLinks() {
    const root = newRoot();
    const store = await openFileStore(root);
    const outside = join(root, '..', 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(root, 'folder'));
    await symlink(join(outside, 'secret'), join(root, 'file'));
    await symlink(join(outside, 'nowhere'), join(root, 'dangling'));
    return { store, outside };
  }

  test('to a folder is not followed', async () => {
    const { store, outside } = await openWithLinks();
    for (const key of ['folder/secret', 'folder/new', 'folder/deep/er/new']) {
      await expect(store.put(key, Buffer.from('x'), png), key).rejects.toThrow(StorageError);
    }
    await expect(store.get('folder/secret')).rejects.toThrow('points outside the store');
    await expect(store.head('folder/secret')).rejects.toThrow('points outside the store');
    await expect(store.delete('folder/secret')).rejects.toThrow('points outside the store');
    await expect(store.list('folder/', { limit: 10 })).rejects.toThrow('points outside the store');
    expect(await readdir(outside)).toEqual(['secret']);
  });

  test('to a file is no object and is not written through', async () => {
    const { store, outside } = await openWithLinks();
    for (const key of ['file', 'dangling']) {
      expect(await store.get(key)).toBeNull();
      expect(await store.head(key)).toBeNull();
      await store.delete(key);
      await expect(store.put(key, Buffer.from('x'), png), key).rejects.toThrow('is not a file');
    }
    expect(await store.list('', { limit: 10 })).toEqual([]);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });
});

test('a key that is both an object and a folder is refused', async () => {
  const store = await openFileStore(newRoot());
  await store.put('a/b', Buffer.from('x'), png);
  await store.put('c', Buffer.from('x'), png);
  await expect(store.put('a', Buffer.from('x'), png)).rejects.toThrow('is not a file');
  await expect(store.put('c/d', Buffer.from('x'), png)).rejects.toThrow('is not a folder');
  expect(await store.get('a')).toBeNull();
  expect(await store.get('c/d')).toBeNull();
});

test('10,000 objects are listed page by page, each once, in order', async () => {
  const root = newRoot();
  const store = await openFileStore(root);
  const keys: string[] = [];
  for (let group = 0; group < 20; group += 1) {
    const under = `images/${String(group).padStart(2, '0')}`;
    await mkdir(join(root, under), { recursive: true });
    const names = Array.from(
      { length: 500 },
      (_, index) => `${under}/job_${String(index).padStart(3, '0')}-1.png`,
    );
    await Promise.all(names.map((name) => writeFile(join(root, name), '')));
    keys.push(...names);
  }
  const listed: string[] = [];
  for (let page = await store.list('images/', { limit: 999 }); page.length > 0;) {
    listed.push(...page.map((object) => object.key));
    page = await store.list('images/', { limit: 999, after: listed.at(-1) ?? '' });
  }
  expect(listed).toEqual(keys);
});

describe('a disk that fails', () => {
  test.each([
    ['ENOSPC', 'storage_full'],
    ['EDQUOT', 'storage_full'],
    ['EACCES', 'storage_unavailable'],
    ['EROFS', 'storage_unavailable'],
    ['EIO', 'storage_unavailable'],
  ])('%s is %s', (code, expected) => {
    const cause = Object.assign(new Error(`${code}: write`), { code });
    expect(() => explain(cause)).toThrow(
      expect.objectContaining({ name: 'StorageError', code: expected, cause }) as Error,
    );
  });

  test('a disk that cannot be written fails the check with one sentence', async () => {
    const root = newRoot();
    const store = await openFileStore(root);
    // A file in place of the folder, because root ignores permissions.
    await rm(join(root, '.tmp'), { recursive: true });
    await writeFile(join(root, '.tmp'), '');
    await expect(store.check()).rejects.toThrow(
      expect.objectContaining({ code: 'storage_unavailable' }) as Error,
    );
  });

  test('a root that is a file cannot be opened', async () => {
    const root = join(folder, 'a-file');
    await writeFile(root, '');
    await expect(openFileStore(root)).rejects.toThrow(StorageError);
  });
});
