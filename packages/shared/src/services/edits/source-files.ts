/**
 * The pictures of edits, which come inside a JSON body, as parts of a form, or with a batch. Each
 * is checked before the request is accepted. When the request is accepted, its pictures become
 * files with the purpose `vision` (`saveSources`); when it is not, they are deleted
 * (`discardSources`).
 */
import { createHash } from 'node:crypto';
import { uploadLimits } from '../../domain/file-rules.ts';
import { KilnError } from '../../errors.ts';
import { buildId } from '../../ids.ts';
import { insertFile } from '../../records/files/files.ts';
import type { Picture } from '../../schemas/picture.ts';
import { checkPictureFile, toPictureError, type PictureDeps } from '../files/check-picture-file.ts';
import { removeFile } from '../files/files.ts';
import { requireFreeSpace } from '../files/free-space.ts';
import { keyOfFile } from '../files/object-keys.ts';
import { discardBytes, toFileRow, type FileDeps, type StoredBytes } from '../files/store-file.ts';
import { receiveFile } from '../files/upload-file.ts';
import type { PictureFormat } from '../../domain/picture-formats.ts';

export type SourceDeps = FileDeps & PictureDeps;

/** A picture that was checked: a file, or one that will become a file with this id. */
export interface CheckedSource {
  id: string;
  bytes: number;
  sha256: string;
  picture: Picture;
}

/** A picture that came with the request. */
export interface NewSource extends CheckedSource {
  filename: string;
  /** Where its bytes are: in the store, or, for pictures of a JSON body, in memory. */
  held: { at: 'store'; stored: StoredBytes } | { at: 'memory'; content: Buffer };
}

/** The pictures that came with a form. */
export interface ReceivedSources {
  images: NewSource[];
  mask: NewSource | null;
  markup: NewSource | null;
}

/**
 * Files made of a JSON body or a form expire after the longest time that OpenAI allows. A file that
 * a job still needs is kept until that job has ended.
 */
export const keptMs = 30 * 86_400_000;

/**
 * Stores a picture while it arrives, then checks it. Throws `file_too_large`, `invalid_request`,
 * the codes of `models/picture-rules.ts`, and the errors of `bytes`. Nothing stays stored then.
 * @param param the field it came in
 */
export async function receiveSource(
  deps: SourceDeps,
  param: string,
  filename: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<NewSource> {
  const stored = await receiveFile(deps, filename, bytes, 'vision').catch((error: unknown) => {
    throw renameParam(error, param);
  });
  try {
    const picture = await checkPictureFile(deps, stored.objectKey, param);
    const { id, sha256 } = stored;
    return { id, filename, sha256, picture, bytes: stored.bytes, held: { at: 'store', stored } };
  } catch (error) {
    await discardBytes(deps, stored);
    throw error;
  }
}

/** Checks a picture in memory and stores nothing. Throws the errors of `receiveSource`. */
export async function checkInline(
  { imaging }: Pick<SourceDeps, 'imaging'>,
  param: string,
  content: Buffer,
): Promise<NewSource> {
  if (content.length > uploadLimits.vision) throw tooLarge(param);
  const check = await imaging.checkSource(content);
  if (check.status === 'refused') throw toPictureError(check, param);
  const filename = `${param.replace('.', '-')}.${check.picture.format}`;
  return {
    id: buildId('file'),
    filename,
    sha256: createHash('sha256').update(content).digest('hex'),
    picture: check.picture,
    bytes: content.length,
    held: { at: 'memory', content },
  };
}

/**
 * Makes files of the pictures that came with an accepted request. Throws `insufficient_storage` for
 * pictures of a JSON body.
 * @param isPermanent the files do not expire, like uploads; the caller's project deletes them
 */
export async function saveSources(
  deps: SourceDeps,
  projectId: string,
  sources: readonly NewSource[],
  isPermanent: boolean,
): Promise<void> {
  for (const source of sources) {
    const stored =
      source.held.at === 'store'
        ? source.held.stored
        : await store(deps, source, source.held.content);
    source.held = { at: 'store', stored };
    const row = toFileRow(stored);
    await insertFile(
      deps.db,
      {
        ...row,
        project_id: projectId,
        purpose: 'vision',
        filename: source.filename,
        expires_at: isPermanent ? null : new Date(row.created_at.getTime() + keptMs),
        picture: source.picture,
      },
      null,
    );
  }
}

/**
 * Deletes the pictures of a request that was not accepted, whether they have become files or are
 * still objects. A file that a job or batch needs after all is kept.
 */
export async function discardSources(
  deps: SourceDeps,
  projectId: string,
  sources: readonly NewSource[],
): Promise<void> {
  for (const { id, held } of sources) {
    if (held.at === 'memory') continue;
    await removeFile(deps, projectId, id).catch(async (error: unknown) => {
      if (error instanceof KilnError && error.code === 'file_not_found')
        return discardBytes(deps, held.stored);
      deps.log.warn({ err: error, fileId: id }, 'could not delete a picture of a refused request');
    });
  }
}

/** The hashes of the pictures of an edit, by their ids. */
export function hashesOf({
  images,
  mask,
  markup,
}: {
  images: readonly CheckedSource[];
  mask: CheckedSource | null;
  markup: CheckedSource | null;
}): Map<string, string> {
  const all = [...images, mask, markup].filter((source) => source !== null);
  return new Map(all.map(({ id, sha256 }) => [id, sha256]));
}

export function listReceived({ images, mask, markup }: ReceivedSources): NewSource[] {
  return [...images, mask, markup].filter((source) => source !== null);
}

async function store(
  deps: SourceDeps,
  { id, picture }: NewSource,
  content: Buffer,
): Promise<StoredBytes> {
  await requireFreeSpace(deps);
  const contentType = contentTypes[picture.format];
  const objectKey = keyOfFile(id);
  return {
    id,
    objectKey,
    contentType,
    ...(await deps.store.put(objectKey, content, { contentType })),
  };
}

const contentTypes: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

function tooLarge(param: string): KilnError {
  return new KilnError(
    'file_too_large',
    `${param}: is too large; a picture may have at most ` +
      `${uploadLimits.vision.toLocaleString('en')} bytes`,
    { param },
  );
}

/** Replaces `file` in the error by the name of the field that the picture came in. */
function renameParam(error: unknown, param: string): unknown {
  if (!(error instanceof KilnError) || error.param !== 'file') return error;
  return new KilnError(error.code, error.message.replace(/^file: /, `${param}: `), { param });
}
