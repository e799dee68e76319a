/**
 * Creates files and folders that survive a power cut once these functions have returned, and turns
 * errors of the file system into `StorageError`s. Files are synced before their folder entry is;
 * concurrent syncs of one folder are combined. Used by the file store, the spool and the source
 * cache.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, realpath, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError, type ObjectBytes, type StoredObject } from '../object-store.ts';

/**
 * Writes a new file and syncs its data. An error of the source is rethrown unchanged.
 * @param known the hash of the bytes, if the caller has it
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
 * Folders known to be on disk, together with all their parents. A folder that another process
 * created may not be synced yet, so this process syncs it once itself.
 */
const syncedFolders = new Set<string>();
/** Beyond this number the oldest are forgotten; they are synced again when next used. */
const maxSyncedFolders = 10_000;

/**
 * Creates the folders `segments` below `root`, which must be a real path. Refuses symbolic links
 * among them, since they may lead anywhere. Tries the deepest folder first: usually its parents
 * exist.
 */
export async function makeFolders(root: string, segments: readonly string[]): Promise<string> {
  if (segments.length === 0) return root;
  const folder = join(root, ...segments);
  const parent = dirname(folder);
  const real = await realpath(parent).catch(nullIfMissing);
  if (real !== null && real !== parent) throw noFolder(parent);
  if (real === null || !syncedFolders.has(parent)) await makeFolders(root, segments.slice(0, -1));
  const isNew = await mkdir(folder).then(() => true, isExisting);
  if (isNew) syncedFolders.delete(folder);
  else if (!(await lstat(folder).catch(explain)).isDirectory()) throw noFolder(folder);
  if (!syncedFolders.has(folder)) {
    await syncFolder(parent);
    remember(folder);
  }
  return folder;
}

function remember(folder: string): void {
  syncedFolders.add(folder);
  const [oldest] = syncedFolders;
  if (syncedFolders.size > maxSyncedFolders && oldest !== undefined) syncedFolders.delete(oldest);
}

function noFolder(path: string): StorageError {
  return new StorageError(
    'storage_unavailable',
    `${path} is not a folder, but objects must be stored in it`,
  );
}

/** Running syncs by folder; `next` starts when the current one has ended. */
const syncs = new Map<string, { now: Promise<void>; next: Promise<void> | null }>();

/**
 * Syncs the entries of a folder, without which a new file in it is not durable. Callers that arrive
 * during a sync share the next one.
 */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; NTFS keeps their entries in its journal.
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

/** Removes a file; a missing file is no error. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(nullIfMissing);
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

/** Use in `catch`: returns null for a missing file and throws a `StorageError` otherwise. */
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
 * Use in `catch`: turns a file system error into a `StorageError` that says whether the disk is
 * full.
 */
export function explain(error: unknown): never {
  if (error instanceof StorageError) throw error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new StorageError('storage_full', 'the disk is full', { cause: error });
  }
  if (code !== null && /^E[A-Z0-9]+$/.test(code)) {
    const message = error instanceof Error ? error.message : code;
    throw new StorageError('storage_unavailable', `the file system failed: ${message}`, {
      cause: error,
    });
  }
  throw error;
}
