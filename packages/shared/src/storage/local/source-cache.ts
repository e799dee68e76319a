/**
 * Source pictures on this machine's disk, copied from the object store before a call is made: a
 * store that is slow or away then costs neither a start nor an attempt, and sending holds none of
 * their bytes in memory. Copies are kept for the next call while there is room for them.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf, nullIfMissing } from '../filesystem/durable-files.ts';
import type { ObjectStore } from '../object-store.ts';

/** A file of the store. Its bytes never change. */
export interface SourceObject {
  id: string;
  objectKey: string;
  sha256: string;
  bytes: number;
}

export type SourceCacheOutcome =
  /** Their bytes by id, read from disk when they are wanted; until `release`. */
  | { status: 'acquired'; bytes: ReadonlyMap<string, Blob>; release(): void }
  /** The store does not have it, or other bytes than it should. */
  | { status: 'missing'; id: string };

export interface SourceCache {
  /** Throws what the store or the disk throws. */
  acquire(sources: readonly SourceObject[]): Promise<SourceCacheOutcome>;
  /**
   * Removes what nobody holds, and what dead processes have left: the disk is wanted for something
   * else.
   */
  evictUnused(): void;
  close(): Promise<void>;
}

interface Copy {
  path: string;
  bytes: number;
  holders: number;
  /** False where the store does not have it. */
  isThere: Promise<boolean>;
}

/** Beyond it, copies that nobody holds are removed, those unused for longest first. */
const defaultKeptBytes = 1024 ** 3;
/**
 * The time of a folder says when its process last lived. One that was frozen for longer copies
 * anew.
 */
const defaultHeartbeatMs = 60_000;
/**
 * Without a heartbeat for so long a folder is what a process that died has left: a worker that dies
 * again and again must not fill the disk.
 */
const leftoverMs = 15 * 60_000;
/** The same where room is wanted. */
const leftoverInNeedMs = 5 * 60_000;

/** @param folder of this process alone, beside those of others */
export async function openSourceCache(
  folder: string,
  store: ObjectStore,
  { keptBytes = defaultKeptBytes, heartbeatMs = defaultHeartbeatMs } = {},
): Promise<SourceCache> {
  await removeLeftovers(folder, leftoverMs);
  const heartbeat = setInterval(() => {
    // Where nothing was copied yet, or somebody has swept it away, there is nothing to keep.
    utimes(folder, new Date(), new Date()).catch(() => undefined);
  }, heartbeatMs).unref();
  /** Least recently used first. */
  const copies = new Map<string, Copy>();
  let number = 0;

  function take(source: SourceObject): Copy {
    const known = copies.get(source.id);
    const copy = known ?? start(source);
    copies.delete(source.id);
    copies.set(source.id, copy);
    copy.holders += 1;
    return copy;
  }

  function start(source: SourceObject): Copy {
    number += 1;
    // A name of its own each time: what is left of a copy that failed is removed while the next one
    // is made.
    const path = join(folder, `${source.id}.${number}`);
    const copy: Copy = {
      path,
      bytes: source.bytes,
      holders: 0,
      isThere: copyObject(store, source, path),
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

  async function forgetIfSwept(id: string): Promise<void> {
    const copy = copies.get(id);
    if (copy === undefined || !(await copy.isThere.catch(() => false))) return;
    const isSwept = (await stat(copy.path).catch(nullIfMissing)) === null;
    if (isSwept && copies.get(id) === copy) copies.delete(id);
  }

  function giveBack(held: readonly Copy[]): void {
    for (const copy of held) copy.holders -= 1;
    evictDownTo(keptBytes);
  }

  function evictUnused(): void {
    evictDownTo(0);
    // What cannot be removed now may be the next time.
    removeLeftovers(folder, leftoverInNeedMs).catch(() => undefined);
  }

  function evictDownTo(mostBytes: number): void {
    let bytes = copies.values().reduce((sum, copy) => sum + copy.bytes, 0);
    for (const [id, copy] of copies) {
      if (bytes <= mostBytes) return;
      if (copy.holders > 0) continue;
      copies.delete(id);
      bytes -= copy.bytes;
      remove(copy.path);
    }
  }

  return {
    async acquire(sources) {
      // Whatever has swept a folder away took it for one that nobody uses.
      for (const { id } of sources) await forgetIfSwept(id);
      const unique = [...new Map(sources.map((source) => [source.id, source])).values()];
      const held = unique.map(take);
      let isHeld = false;
      try {
        const bytes = new Map<string, Blob>();
        for (const [index, { id }] of unique.entries()) {
          const copy = held[index];
          if (copy === undefined || !(await copy.isThere)) return { status: 'missing', id };
          bytes.set(id, await openAsBlob(copy.path));
        }
        isHeld = true;
        return { status: 'acquired', bytes, release: () => giveBack(held) };
      } finally {
        if (!isHeld) {
          await Promise.allSettled(held.map(({ isThere }) => isThere));
          giveBack(held);
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

/** False where the store does not have those bytes. */
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

/** What stays is removed with the folder. */
function remove(path: string): void {
  void rm(path, { force: true }).catch(() => undefined);
}

/** Of processes beside that of `own`. */
async function removeLeftovers(own: string, afterMs: number): Promise<void> {
  const parent = dirname(own);
  for (const name of (await readdir(parent).catch(nullIfMissing)) ?? []) {
    const folder = join(parent, name);
    const found = folder === own ? null : await stat(folder).catch(nullIfMissing);
    if (found !== null && Date.now() - found.mtimeMs > afterMs)
      await rm(folder, { recursive: true, force: true });
  }
}
