/** The use-cases of existing files: reading, listing, downloading and deleting them. */
import type { Readable } from 'node:stream';
import { KilnError } from '../../errors.ts';
import { deleteFile, findFile, listFiles } from '../../records/files/files.ts';
import type { FileObject, FileQuery } from '../../schemas/file.ts';
import type { ByteRange } from '../../storage/object-store.ts';
import { toFile } from './file-view.ts';
import { discardBytes, type FileDeps } from './store-file.ts';
import { findOrRefuse, notFound } from '../find-or-refuse.ts';

/** Throws `file_not_found`. */
export async function readFile(deps: FileDeps, projectId: string, id: string): Promise<FileObject> {
  return toFile(
    await findOrRefuse('file', id, findFile(deps.db, projectId, id)),
    deps.config.keepFilesDays,
  );
}

export async function listFilePage(
  deps: FileDeps,
  projectId: string,
  query: FileQuery,
): Promise<{ files: FileObject[]; hasMore: boolean }> {
  const rows = await listFiles(deps.db, projectId, query);
  return {
    files: rows.slice(0, query.limit).map((row) => toFile(row, deps.config.keepFilesDays)),
    hasMore: rows.length > query.limit,
  };
}

export interface FileContent {
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
  filename: string;
  /**
   * Opens the bytes. The caller reads the stream to its end or destroys it. Throws `file_missing`
   * if the object is gone, and `file_not_found` if the file was deleted meanwhile.
   */
  open(range?: ByteRange): Promise<Readable>;
}

/** Throws `file_not_found`. */
export async function readFileContent(
  deps: FileDeps,
  projectId: string,
  id: string,
): Promise<FileContent> {
  const row = await findOrRefuse('file', id, findFile(deps.db, projectId, id));
  return {
    objectKey: row.object_key,
    bytes: row.bytes,
    sha256: row.sha256,
    contentType: row.content_type,
    filename: row.filename,
    async open(range) {
      const object = await deps.store.get(row.object_key, range);
      if (object !== null) return object.stream;
      // The file may have been deleted meanwhile, which is the caller's doing and no loss.
      await findOrRefuse('file', id, findFile(deps.db, projectId, id));
      throw new KilnError('file_missing', `the bytes of ${id} are not in the object store`);
    },
  };
}

/** Throws `file_not_found`, or `file_in_use` while a batch or a job needs it. */
export async function removeFile(deps: FileDeps, projectId: string, id: string): Promise<void> {
  const deletion = await deleteFile(deps.db, projectId, id);
  switch (deletion.status) {
    case 'deleted':
      // The record is gone. If the object stays, garbage collection deletes it later.
      return discardBytes(deps, deletion);
    case 'in_use':
      throw new KilnError(
        'file_in_use',
        `${id} is needed by ${deletion.by}, which has not ended; cancel that or wait until it ` +
          'has ended',
        { param: 'id' },
      );
    case 'not_found':
      throw notFound('file', id);
  }
}
