/**
 * Stores a new file. Its bytes go to the object store while they arrive, under a key of their own;
 * then the record is written. If a process dies between the two, garbage collection deletes the
 * object, because no record names it. Bytes are never held whole. Used for uploads, for pictures of
 * requests, and for files that Kiln writes itself.
 */
import { fileTypeOf, signatureBytes } from '../../domain/file-rules.ts';
import { buildId } from '../../ids.ts';
import type { Logger } from '../../logger.ts';
import { insertFile, type FileRow } from '../../records/files/files.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { keyOfFile } from './object-keys.ts';

export interface FileDeps {
  config: { keepFilesDays: number | null; minFreeBytes: number };
  db: Database;
  store: ObjectStore;
  log: Logger;
}

/** A stored object that will become a file. */
export interface StoredBytes {
  id: string;
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
}

/**
 * Stores the bytes of a file.
 * @param inspect is called with the first `signatureBytes` bytes, or with all if there are fewer;
 * it may throw
 */
export async function storeBytes(
  { store }: Pick<FileDeps, 'store'>,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
  inspect: (start: Uint8Array) => void = () => undefined,
  expectedBytes = 0,
): Promise<StoredBytes> {
  const id = buildId('file');
  const objectKey = keyOfFile(id);
  const { start, whole, close } = await peek(bytes);
  try {
    inspect(start);
    const contentType = fileTypeOf(start, filename);
    const stored = await store.put(objectKey, whole, { contentType, expectedBytes });
    return { id, objectKey, contentType, ...stored };
  } finally {
    await close(); // the store may have failed before it read anything
  }
}

/**
 * Deletes bytes that do not become a file. If that fails, garbage collection deletes them later.
 */
export async function discardBytes(
  { store, log }: Pick<FileDeps, 'store' | 'log'>,
  { objectKey }: Pick<StoredBytes, 'objectKey'>,
): Promise<void> {
  try {
    await store.delete(objectKey);
  } catch (err) {
    log.warn(
      { err, objectKey },
      'could not delete an unused object; garbage collection deletes it later',
    );
  }
}

/**
 * Stores a file that Kiln itself writes.
 * @param expectedBytes about its length
 */
export async function writeFile(
  deps: FileDeps,
  file: Pick<FileRow, 'project_id' | 'purpose' | 'filename'> & Partial<Pick<FileRow, 'expires_at'>>,
  bytes: AsyncIterable<Uint8Array>,
  expectedBytes = 0,
): Promise<FileRow> {
  const stored = await storeBytes(deps, file.filename, bytes, undefined, expectedBytes);
  const row = { ...toFileRow(stored), expires_at: null, ...file };
  await insertFile(deps.db, row, null);
  return { ...row, deleted_at: null };
}

export function toFileRow({ id, objectKey, bytes, sha256, contentType }: StoredBytes) {
  return {
    id,
    bytes,
    sha256,
    object_key: objectKey,
    content_type: contentType,
    created_at: new Date(),
    picture: null,
  };
}

/** Bytes that can be read once, and must be closed even if they were not read. */
export interface OpenedBytes {
  whole: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Reads the first bytes, and returns them together with the whole. The caller must call `close` in
 * any case: calling `return` on a generator that never started does not reach its source.
 */
export async function peek(
  bytes: AsyncIterable<Uint8Array>,
  length = signatureBytes,
): Promise<OpenedBytes & { start: Uint8Array }> {
  const source = bytes[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < length) {
    const next = await source.next();
    if (next.done === true) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  async function* readWhole(): AsyncGenerator<Uint8Array, void> {
    yield* chunks;
    for (let next = await source.next(); next.done !== true; next = await source.next())
      yield next.value;
  }
  return {
    start: Buffer.concat(chunks).subarray(0, length),
    whole: readWhole(),
    close: async () => void (await source.return?.()),
  };
}
