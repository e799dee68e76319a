/**
 * The driver for a local disk or a mounted volume: objects are files below one folder. A stored
 * object survives a power cut, and an object is never visible before it is complete.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  codeOf,
  explain,
  makeFolders,
  nullIfMissing,
  removeFile,
  syncFolder,
  writeDurably,
} from './durable-files.ts';
import {
  parseObjectKey,
  reservedSegment,
  StorageError,
  type ListedObject,
  type ObjectStore,
} from '../object-store.ts';
import { walkFiles } from './walk-files.ts';

const leftoverMs = 24 * 3_600_000;

/**
 * Creates the folder if it is missing and removes leftovers of crashed writers. Throws a
 * `StorageError`.
 */
export async function openFileStore(folder: string): Promise<ObjectStore> {
  await mkdir(join(folder, reservedSegment), { recursive: true }).catch(explain);
  const root = await realpath(folder).catch(explain);
  const temporaryFolder = join(root, reservedSegment);
  await removeLeftovers(temporaryFolder);

  /** The path of a key. Throws if a symbolic link below the root leads out of it. */
  async function pathOf(key: string): Promise<string> {
    const path = join(root, parseObjectKey(key));
    const real = await realpath(dirname(path)).catch(nullIfMissing);
    if (real !== null && real !== root && !real.startsWith(root + sep)) {
      throw new StorageError('storage_unavailable', `${key} points outside the store`);
    }
    return path;
  }

  async function findFile(key: string): Promise<{ path: string; size: number } | null> {
    const path = await pathOf(key);
    const found = await lstat(path).catch(nullIfMissing);
    return found?.isFile() === true ? { path, size: found.size } : null;
  }

  const store: ObjectStore = {
    name: `files in ${root}`,
    async put(key, bytes, { sha256 = null }) {
      const path = await pathOf(key);
      const temporary = join(temporaryFolder, randomUUID());
      try {
        // Both run at once, because creating a folder syncs it as well.
        const [written, made] = await Promise.allSettled([
          writeDurably(temporary, bytes, sha256),
          makeFolders(root, key.split('/').slice(0, -1)),
        ]);
        if (written.status === 'rejected') throw written.reason;
        if (made.status === 'rejected') throw made.reason;
        const [stored, parent] = [written.value, made.value];
        await linkOrKeep(temporary, path);
        await syncFolder(parent);
        return stored;
      } finally {
        await removeFile(temporary);
      }
    },
    async get(key, { start = 0, end } = {}) {
      const found = await findFile(key);
      if (found === null) return null;
      const handle = await open(found.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
        nullIfMissing,
      );
      if (handle === null) return null;
      const stream = handle.createReadStream({ start, ...(end !== undefined && { end }) });
      // Readers still get the error. Without a listener, one that comes before the first read would
      // end the process: a client may disconnect while the file is opened for it.
      stream.on('error', () => undefined);
      return { stream, size: found.size };
    },
    async head(key) {
      const found = await findFile(key);
      return found === null ? null : { size: found.size };
    },
    async delete(key) {
      const found = await findFile(key);
      if (found !== null) await removeFile(found.path);
    },
    async list(prefix, { after = '', limit }) {
      const objects: ListedObject[] = [];
      const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (start !== '') await pathOf(`${start}x`);
      for await (const key of walkFiles(root, start, { prefix, after })) {
        if (objects.length >= limit) break;
        const found = await stat(join(root, key)).catch(nullIfMissing);
        if (found !== null) objects.push({ key, size: found.size, modifiedAt: found.mtime });
      }
      return objects;
    },
    async freeBytes() {
      const { bavail, bsize } = await statfs(root).catch(explain);
      return bavail * bsize;
    },
    async check() {
      const key = `.probe-${randomUUID()}`;
      await store.put(key, Buffer.from(key), { contentType: 'text/plain' });
      const found = await store.get(key);
      const read = found && (await buffer(found.stream));
      await store.delete(key);
      if (read?.toString() === key) return;
      throw new StorageError(
        'storage_unavailable',
        `objects written to ${root} cannot be read back`,
      );
    },
    close: () => Promise.resolve(),
  };
  return store;
}

/** Linking is atomic and never replaces: among several writers of one key, the first one wins. */
async function linkOrKeep(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') explain(error);
    const kept = await lstat(path).catch(explain);
    // Something other than a file occupies the key; reporting success would lose the object.
    if (!kept.isFile())
      throw new StorageError('storage_unavailable', `${path} exists already and is not a file`);
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(explain)) {
    const path = join(folder, name);
    const found = await stat(path).catch(nullIfMissing);
    if (found === null || Date.now() - found.mtimeMs <= leftoverMs) continue;
    await rm(path, { force: true, recursive: true }).catch(explain);
  }
}
