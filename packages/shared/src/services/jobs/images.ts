/** Reads the bytes of a job's images. */
import type { Readable } from 'node:stream';
import { contentTypeOf } from '../../domain/content-type.ts';
import { KilnError } from '../../errors.ts';
import { findImage, findJob, type ImageRow } from '../../records/jobs/jobs.ts';
import type { Database } from '../../records/database/open-records.ts';
import { describeDeletion } from '../require-job.ts';
import type { ByteRange, ObjectStore } from '../../storage/object-store.ts';
import { cutText } from '../../schemas/text.ts';

export interface ImageFile {
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
  fileName: string;
  /**
   * Opens the bytes; read the stream to its end or destroy it. Throws `image_missing` when the
   * object is gone.
   */
  open(range?: ByteRange): Promise<Readable>;
}

export interface ImageDeps {
  db: Database;
  store: ObjectStore;
}

/** Throws `image_not_found`. */
export async function readImage(
  deps: ImageDeps,
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageFile> {
  const image = await requireImage(deps, projectId, jobId, index);
  return {
    objectKey: image.object_key,
    bytes: image.bytes,
    sha256: image.sha256,
    contentType: contentTypeOf(image.format),
    fileName: `${image.job_id}-${image.index}.${image.format}`,
    async open(range) {
      const object = await deps.store.get(image.object_key, range);
      if (object === null) throw missing(image);
      return object.stream;
    },
  };
}

export async function requireImage(
  { db }: ImageDeps,
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageRow> {
  const image = await findImage(db, projectId, jobId, index);
  if (image !== undefined) return image;
  const deletedAt = (await findJob(db, projectId, jobId))?.deleted_at ?? null;
  throw new KilnError(
    'image_not_found',
    deletedAt === null
      ? `there is no image ${index} of job "${cutText(jobId, 100)}"`
      : describeDeletion(jobId, deletedAt),
    { param: 'index' },
  );
}

export function missing({ index, job_id: jobId }: ImageRow): KilnError {
  return new KilnError(
    'image_missing',
    `the bytes of image ${index} of ${jobId} are not in the object store`,
  );
}
