/**
 * The keys of objects. Objects of an attempt have the key `<kind>/<last two characters of the job
 * id>/<job id>/<attempt>-…`. The key follows from the job and the attempt alone: storing something
 * twice writes the same object, and two attempts never share one. The short folder keeps a million
 * jobs from being in one folder.
 */
import type { Preview } from '../../records/events/preview-events.ts';
import type { SpooledAttempt } from '../../storage/local/spool.ts';

export type ObjectKind = 'images' | 'previews' | 'thumbnails' | 'composites';

export function folderOf(kind: ObjectKind, jobId: string): string {
  return `${kind}/${jobId.slice(-2)}/${jobId}/`;
}

export function prefixOf(kind: ObjectKind, { jobId, no }: SpooledAttempt): string {
  return `${folderOf(kind, jobId)}${no}-`;
}

/**
 * The key of one image of an answer. It carries the number of images in the answer: an answer may
 * hold fewer images than the job asked for, and only the keys tell whether a worker that died had
 * stored all of them.
 */
export function keyOfImage(
  attempt: SpooledAttempt,
  { index, count, format }: { index: number; count: number; format: string },
): string {
  return `${prefixOf('images', attempt)}${index}-of-${count}.${format}`;
}

/** The index of an image and the number of images in its answer; null for any other key. */
export function parseImageKey(key: string): { index: number; count: number } | null {
  const [, index, count] = /-(\d{1,3})-of-(\d{1,3})\.[a-z]+$/.exec(key) ?? [];
  return index === undefined ? null : { index: Number(index), count: Number(count) };
}

/** The key of a preview. Its format is the format of its bytes. */
export function keyOfPreview({ jobId, no, index, format }: Preview): string {
  return `${prefixOf('previews', { jobId, no })}${index}.${format}`;
}

/** The attempt that an object belongs to; null for a key of another form. */
export function parseKey(kind: ObjectKind, key: string): SpooledAttempt | null {
  const [, found, folder, jobId, no] =
    /^(\w+)\/([^/]+)\/(job_[^/]+)\/(\d{1,9})-[^/]+$/.exec(key) ?? [];
  return found === kind && folder !== undefined && jobId?.endsWith(folder)
    ? { jobId, no: Number(no) }
    : null;
}

/**
 * The key follows from the key of the image, so a thumbnail is found and deleted with its image.
 */
export function thumbnailKeyOf(imageKey: string): string {
  return imageKey.replace(/^images\//, 'thumbnails/').replace(/\.[a-z]+$/, '.webp');
}

/** The image that a thumbnail belongs to; null for a key of another form. */
export function parseThumbnailKey(key: string): (SpooledAttempt & { index: number }) | null {
  const attempt = parseKey('thumbnails', key);
  const [, index] = /-(\d{1,3})(?:-of-\d{1,3})?\.webp$/.exec(key) ?? [];
  return attempt === null || index === undefined ? null : { ...attempt, index: Number(index) };
}

/**
 * The key of the composite of an image. It holds the hash, so that two workers that made it at the
 * same time with different programs do not share a key.
 */
export function keyOfComposite(
  attempt: SpooledAttempt,
  { index, sha256 }: { index: number; sha256: string },
): string {
  return `${prefixOf('composites', attempt)}${index}-${sha256.slice(0, 16)}.png`;
}

/** The key of the bytes of a file. It follows from the id, which exists before the record does. */
export function keyOfFile(id: string): string {
  return `files/${id.slice(-2)}/${id}`;
}

/** The file that an object belongs to; null for a key of another form. */
export function parseFileKey(key: string): { fileId: string } | null {
  const [, folder, fileId] = /^files\/([^/]+)\/(file-[^/]+)$/.exec(key) ?? [];
  return folder !== undefined && fileId?.endsWith(folder) ? { fileId } : null;
}
