/**
 * Files and folders that survive a power cut once these functions have returned, and what the disk
 * says when it cannot.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, realpath, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError, type ObjectBytes, type StoredObject } from '../object-store.ts';

/**
 * Writes a new file. An error of the bytes' own source passes through as it is. @param known the
 * hash of the bytes
 */
export async function writeDurably(
  path: string,
  bytes: ObjectBytes,
  known: string | null,
): Promise<StoredObject> {
  const file = await open(path, 'wx').catch(explain);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      if (known === null) hash.update(chunk);
      size += chunk.length;
      await file.appendFile(chunk).catch(explain);
    }
    await file.datasync().catch(explain);
    return { bytes: size, sha256: known ?? hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/**
 * Folders whose entries, and those of the folders they are in, are on the disk for certain. Of the
 * others that are there already nobody knows: their maker may be syncing them still, have failed
 * to, or be dead.
 */
const entered = new Set<string>();
/** Beyond it the oldest are forgotten, and synced once more when they are met again. */
const mostEntered = 10_000;

/**
 * Makes the folders `segments` below `root`, which is a real path. A link among them may lead
 * anywhere and is refused. The deepest is tried first, as the others are there already but for the
 * first time.
 */
export async function makeFolders(root: string, segments: readonly string[]): Promise<string> {
  if (segments.length === 0) return root;
  const folder = join(root, ...segments);
  const parent = dirname(folder);
  const real = await realpath(parent).catch(nullIfMissing);
  if (real !== null && real !== parent) throw noFolder(parent);
  if (real === null || !entered.has(parent)) await makeFolders(root, segments.slice(0, -1));
  const isNew = await mkdir(folder).then(() => true, isExisting);
  if (isNew) entered.delete(folder);
  else if (!(await lstat(folder).catch(explain)).isDirectory()) throw noFolder(folder);
  if (!entered.has(folder)) {
    await syncFolder(parent);
    remember(folder);
  }
  return folder;
}

function remember(folder: string): void {
  entered.add(folder);
  const [oldest] = entered;
  if (entered.size > mostEntered && oldest !== undefined) entered.delete(oldest);
}

function noFolder(path: string): StorageError {
  return new StorageError(
    'storage_unavailable',
    `${path} is no folder, and objects must be kept in it`,
  );
}

/** The syncs under way, by folder; `next` begins when the one before it has ended. */
const syncs = new Map<string, { now: Promise<void>; next: Promise<void> | null }>();

/**
 * A new file is only as durable as its entry in the folder. Who asks while a sync runs shares the
 * next one with others who do.
 */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps its entries by a journal.
  if (process.platform === 'win32') return;
  const running = syncs.get(folder);
  if (running === undefined) await startSync(folder);
  else await (running.next ??= running.now.catch(() => undefined).then(() => startSync(folder)));
}

function startSync(folder: string): Promise<void> {
  const now = syncNow(folder).finally(() => {
    if (sync.next === null) syncs.delete(folder);
  });
  const sync = { now, next: null };
  syncs.set(folder, sync);
  return now;
}

async function syncNow(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(explain);
  try {
    await handle.sync().catch(explain);
  } finally {
    await handle.close();
  }
}

/** Removes a file that may be gone already. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(nullIfMissing);
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

/** For `catch`: null where there is no such file, an explained error otherwise. */
export function nullIfMissing(error: unknown): null {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  return explain(error);
}

function isExisting(error: unknown): false {
  if (codeOf(error) === 'EEXIST') return false;
  return explain(error);
}

/**
 * For `catch`: turns an error of the file system into one of the store, which says whether room
 * would help.
 */
export function explain(error: unknown): never {
  if (error instanceof StorageError) throw error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new StorageError('storage_full', 'the disk is full', { cause: error });
  }
  if (code !== null && /^E[A-Z0-9]+$/.test(code)) {
    const message = error instanceof Error ? error.message : code;
    throw new StorageError('storage_unavailable', `the file system fails: ${message}`, {
      cause: error,
    });
  }
  throw error;
}
