/**
 * A new file: its bytes go to the store as they come, under a key of its own, and then it is
 * written down. Until it is, the object is nobody's; what is left of a process that died between
 * the two is collected as garbage.
 */
import { fileTypeOf, signatureBytes } from '../../domain/file-rules.ts';
import { buildId } from '../../ids.ts';
import type { Logger } from '../../logger.ts';
import { insertFile, type FileRow } from '../../records/files/files.ts';
import type { Database } from '../../records/database/open-records.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { keyOfFile } from './object-keys.ts';

export interface FileDeps {
  config: { keepFilesDays: number | null };
  db: Database;
  store: ObjectStore;
  log: Logger;
}

/** An object that is to become a file. */
export interface StoredBytes {
  id: string;
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
}

/**
 * Stores the bytes of a file.
 * @param inspect is called with the first bytes (fewer than `signatureBytes` only where there are
 * no more) and may throw
 */
export async function storeBytes(
  { store }: Pick<FileDeps, 'store'>,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
  inspect: (start: Uint8Array) => void = () => undefined,
): Promise<StoredBytes> {
  const id = buildId('file');
  const objectKey = keyOfFile(id);
  const { start, whole, close } = await peek(bytes);
  try {
    inspect(start);
    const contentType = fileTypeOf(start, filename);
    const stored = await store.put(objectKey, whole, { contentType });
    return { id, objectKey, contentType, ...stored };
  } finally {
    await close(); // also where the store did not come to read it
  }
}

/** For bytes that become no file. What cannot be deleted now is garbage, and is collected later. */
export async function discardBytes(
  { store, log }: Pick<FileDeps, 'store' | 'log'>,
  { objectKey }: Pick<StoredBytes, 'objectKey'>,
): Promise<void> {
  try {
    await store.delete(objectKey);
  } catch (err) {
    log.warn({ err, objectKey }, 'an object that nobody needs could not be deleted; it is garbage');
  }
}

/** A file that Kiln itself writes. The source may be of any length, and is never held whole. */
export async function writeFile(
  deps: FileDeps,
  file: Pick<FileRow, 'project_id' | 'purpose' | 'filename'> & Partial<Pick<FileRow, 'expires_at'>>,
  bytes: AsyncIterable<Uint8Array>,
): Promise<FileRow> {
  const stored = await storeBytes(deps, file.filename, bytes);
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

/** Bytes that are read once, and closed whether they were or not. */
export interface OpenedBytes {
  whole: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Reads the first bytes, enough to tell what they begin, and gives the whole once more. Close it in
 * any case: returning a generator that was never begun does not reach its source.
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
