/**
 * A cache of source pictures on this machine's disk, filled from the object store before a call is
 * made. A store that is slow or down then costs neither a start nor an attempt, and pictures are
 * sent from disk rather than from memory. Copies are verified by their hash, shared by concurrent
 * calls, and kept up to a limit for later ones. Used by `services/running/fetch-sources.ts`.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { codeOf, nullIfMissing } from '../filesystem/durable-files.ts';
import type { ObjectStore } from '../object-store.ts';

/** An object of the store; its bytes never change. */
export interface SourceObject {
  /** Names the copy: different for each `transform` of an object. */
  id: string;
  objectKey: string;
  sha256: string;
  bytes: number;
  /** Makes the copy from the bytes of the object. Its errors are thrown by `acquire`. */
  transform?: (bytes: Uint8Array) => Promise<Uint8Array>;
}

export type SourceCacheOutcome =
  /** The bytes by id; they are read from disk on demand and stay until `release`. */
  | { status: 'acquired'; bytes: ReadonlyMap<string, Blob>; release(): void }
  /** The store has no such object, or its hash differs. */
  | { status: 'missing'; id: string };

export interface SourceCache {
  /** Copies the pictures that are not cached yet. Throws the errors of the store and the disk. */
  acquire(sources: readonly SourceObject[]): Promise<SourceCacheOutcome>;
  /** Frees disk space: removes copies that no call uses, and folders that dead processes left. */
  evictUnused(): void;
  close(): Promise<void>;
}

interface Copy {
  path: string;
  bytes: number;
  holders: number;
  /** Resolves to false when the store does not have the object. */
  isThere: Promise<boolean>;
}

/** Above this size, unused copies are removed, least recently used first. */
const defaultKeptBytes = 1024 ** 3;
/**
 * Each process updates the time of its folder this often, to show that it is alive. A process that
 * was frozen for longer than the limits below copies its pictures again.
 */
const defaultHeartbeatMs = 60_000;
/**
 * A folder without a heartbeat for this long was left by a dead process and is removed: a worker
 * that crashes repeatedly must not fill the disk.
 */
const leftoverMs = 15 * 60_000;
/** The same limit while disk space is needed. */
const leftoverInNeedMs = 5 * 60_000;

/** @param folder belongs to this process alone; its siblings belong to other processes */
export async function openSourceCache(
  folder: string,
  store: ObjectStore,
  { keptBytes = defaultKeptBytes, heartbeatMs = defaultHeartbeatMs } = {},
): Promise<SourceCache> {
  await removeLeftovers(folder, leftoverMs);
  const heartbeat = setInterval(() => {
    // The folder may not exist: nothing was copied yet, or another process removed it.
    utimes(folder, new Date(), new Date()).catch(() => undefined);
  }, heartbeatMs).unref();
  /** Ordered by last use, least recently used first. */
  const copies = new Map<string, Copy>();
  let number = 0;

  function acquireCopy(source: SourceObject): Copy {
    const known = copies.get(source.id);
    const copy = known ?? startCopy(source);
    copies.delete(source.id);
    copies.set(source.id, copy);
    copy.holders += 1;
    return copy;
  }

  function startCopy(source: SourceObject): Copy {
    number += 1;
    // Every copy has its own name, because the leftover of a failed copy is removed while the next
    // one is made.
    const path = join(folder, `${source.id}.${number}`);
    const copy: Copy = {
      path,
      bytes: source.bytes,
      holders: 0,
      isThere:
        source.transform === undefined
          ? copyObject(store, source, path)
          : copyTransformed(store, source, source.transform, path),
    };
    const forget = () => {
      if (copies.get(source.id) === copy) copies.delete(source.id);
      remove(path);
    };
    copy.isThere.then(
      (isThere) => isThere || forget(),
      (error: unknown) => {
        forget();
        if (codeOf(error) === 'ENOSPC') evictUnused();
      },
    );
    return copy;
  }

  async function dropIfRemoved(id: string): Promise<void> {
    const copy = copies.get(id);
    if (copy === undefined || !(await copy.isThere.catch(() => false))) return;
    const isRemoved = (await stat(copy.path).catch(nullIfMissing)) === null;
    if (isRemoved && copies.get(id) === copy) copies.delete(id);
  }

  function release(held: readonly Copy[]): void {
    for (const copy of held) copy.holders -= 1;
    evictDownTo(keptBytes);
  }

  function evictUnused(): void {
    evictDownTo(0);
    // Folders that cannot be removed now may be removable next time.
    removeLeftovers(folder, leftoverInNeedMs).catch(() => undefined);
  }

  function evictDownTo(maxBytes: number): void {
    let bytes = copies.values().reduce((sum, copy) => sum + copy.bytes, 0);
    for (const [id, copy] of copies) {
      if (bytes <= maxBytes) return;
      if (copy.holders > 0) continue;
      copies.delete(id);
      bytes -= copy.bytes;
      remove(copy.path);
    }
  }

  return {
    async acquire(sources) {
      // Another process may have removed our folder because it looked unused; copy again what is
      // gone.
      for (const { id } of sources) await dropIfRemoved(id);
      const unique = [...new Map(sources.map((source) => [source.id, source])).values()];
      const held = unique.map(acquireCopy);
      let isHeld = false;
      try {
        const bytes = new Map<string, Blob>();
        for (const [index, { id }] of unique.entries()) {
          const copy = held[index];
          if (copy === undefined || !(await copy.isThere)) return { status: 'missing', id };
          bytes.set(id, await openAsBlob(copy.path));
        }
        isHeld = true;
        return { status: 'acquired', bytes, release: () => release(held) };
      } finally {
        if (!isHeld) {
          await Promise.allSettled(held.map(({ isThere }) => isThere));
          release(held);
        }
      }
    },
    evictUnused,
    close() {
      clearInterval(heartbeat);
      return rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns false when the store does not have these bytes. */
async function copyTransformed(
  store: ObjectStore,
  { objectKey, sha256 }: SourceObject,
  transform: NonNullable<SourceObject['transform']>,
  path: string,
): Promise<boolean> {
  const object = await store.get(objectKey);
  if (object === null) return false;
  const bytes = await buffer(object.stream);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
  const transformed = await transform(bytes);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, transformed);
  return true;
}

/** Returns false when the store does not have these bytes. */
async function copyObject(
  store: ObjectStore,
  source: SourceObject,
  path: string,
): Promise<boolean> {
  const object = await store.get(source.objectKey);
  if (object === null) return false;
  const hash = createHash('sha256');
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(
      object.stream,
      async function* tee(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
  } finally {
    object.stream.destroy();
  }
  return hash.digest('hex') === source.sha256;
}

/** Removes a copy; one that cannot be removed now goes with the folder. */
function remove(path: string): void {
  void rm(path, { force: true }).catch(() => undefined);
}

/** Removes the folders of other processes whose last heartbeat is older than `afterMs`. */
async function removeLeftovers(own: string, afterMs: number): Promise<void> {
  const parent = dirname(own);
  for (const name of (await readdir(parent).catch(nullIfMissing)) ?? []) {
    const folder = join(parent, name);
    const found = folder === own ? null : await stat(folder).catch(nullIfMissing);
    if (found !== null && Date.now() - found.mtimeMs > afterMs)
      await rm(folder, { recursive: true, force: true });
  }
}
