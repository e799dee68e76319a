/** Objects as files below one folder, on a local disk or a mounted volume. What was put survives a power cut; nothing is ever half there. */
import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, type Dirent } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { parseObjectKey, StorageError, type ListedObject, type ObjectBytes, type ObjectStore, type StoredObject } from './object-store.ts';

/** Never a key: a segment of its own that no prefix of ours starts with. */
const temporaryFolder = '.tmp';
const leftoverMs = 24 * 3_600_000;

export async function openFileStore(folder: string): Promise<ObjectStore> {
  await mkdir(join(folder, temporaryFolder), { recursive: true }).catch(explain);
  const root = await realpath(folder);
  await removeLeftovers(join(root, temporaryFolder));

  /** The file of a key. Throws where a link below the root leads out of it. */
  async function pathOf(key: string): Promise<string> {
    const path = join(root, parseObjectKey(key));
    const real = await realpath(dirname(path)).catch(nullIfMissing);
    if (real !== null && real !== root && !real.startsWith(root + sep)) throw new StorageError('storage_unavailable', `${key} leads out of the store`);
    return path;
  }

  async function findFile(key: string): Promise<{ path: string; size: number } | null> {
    const path = await pathOf(key);
    const found = await lstat(path).catch(nullIfMissing);
    return found?.isFile() === true ? { path, size: found.size } : null;
  }

  const store: ObjectStore = {
    name: `files in ${root}`,
    async put(key, bytes) {
      const path = await pathOf(key);
      const temporary = join(root, temporaryFolder, randomUUID());
      try {
        const stored = await writeFile(temporary, bytes);
        await makeFolders(root, dirname(path));
        await pathOf(key); // the folders above it may have been there as links
        await link(temporary, path).catch(ignoreExisting);
        await syncFolder(dirname(path));
        return stored;
      } catch (error) {
        return explain(error);
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async get(key, range = {}) {
      const found = await findFile(key);
      if (found === null) return null;
      const end = range.end === undefined ? {} : { end: range.end };
      return { stream: createReadStream(found.path, { start: range.start ?? 0, ...end, flags: constants.O_RDONLY | constants.O_NOFOLLOW } as object), size: found.size };
    },
    async head(key) {
      const found = await findFile(key);
      return found === null ? null : { size: found.size };
    },
    async delete(key) {
      await rm(await pathOf(key), { force: true });
    },
    async list(prefix, { after = '', limit }) {
      const objects: ListedObject[] = [];
      const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (start !== '') await pathOf(`${start}x`);
      for await (const key of walk(root, start, { prefix, after })) {
        const found = await stat(join(root, key)).catch(nullIfMissing);
        if (found !== null) objects.push({ key, size: found.size, modifiedAt: found.mtime });
        if (objects.length === limit) break;
      }
      return objects;
    },
    async check() {
      const key = `.probe-${randomUUID()}`;
      await store.put(key, Buffer.from('kiln'), { contentType: 'text/plain' });
      const found = await store.head(key);
      await store.delete(key);
      if (found?.size !== 4) throw new StorageError('storage_unavailable', `what is written to ${root} cannot be read again`);
    },
    close: () => Promise.resolve(),
  };
  return store;
}

async function writeFile(path: string, bytes: ObjectBytes): Promise<StoredObject> {
  const file = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      hash.update(chunk);
      size += chunk.length;
      await file.appendFile(chunk);
    }
    await file.datasync();
    return { bytes: size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** A new folder is only as durable as its entry in the one above. */
async function makeFolders(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length && made !== root; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Keys below `folder` in order of their characters, skipping what cannot match. Links are not followed. */
async function* walk(root: string, folder: string, want: { prefix: string; after: string }): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(nullIfMissing);
  // `a/…` sorts behind `a-…` and before `a0…`, so a folder takes part under its name with the slash.
  const names = (entries ?? []).map((entry) => ({ entry, key: folder + entry.name + (entry.isDirectory() ? '/' : '') }));
  for (const { entry, key } of names.toSorted((one, other) => (one.key < other.key ? -1 : 1))) {
    if (key === `${temporaryFolder}/`) continue;
    if (entry.isDirectory()) {
      const mayMatch = key.startsWith(want.prefix) || want.prefix.startsWith(key);
      const mayFollow = key > want.after || want.after.startsWith(key);
      if (mayMatch && mayFollow) yield* walk(root, key, want);
    } else if (isObject(entry) && key.startsWith(want.prefix) && key > want.after) {
      yield key;
    }
  }
}

function isObject(entry: Dirent): boolean {
  return entry.isFile();
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(nullIfMissing);
    if (found !== null && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}

function nullIfMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
  throw error;
}

function explain(error: unknown): never {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') throw new StorageError('storage_full', `the disk of the object store is full`, { cause: error });
  if (code !== undefined && /^E[A-Z]+$/.test(code)) {
    throw new StorageError('storage_unavailable', `the object store does not take files: ${error instanceof Error ? error.message : code}`, { cause: error });
  }
  throw error;
}
