/** The bytes of a job's images. */
import type { Readable } from 'node:stream';
import { contentTypeOf } from '../domain/content-type.ts';
import { KilnError } from '../errors.ts';
import { findImage } from '../records/jobs.ts';
import type { Database } from '../records/open-records.ts';
import type { ByteRange, ObjectStore } from '../storage/object-store.ts';

export interface ImageFile {
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
  fileName: string;
  /** Opens the bytes; read the stream to its end or destroy it. Throws `image_missing` where the object is gone. */
  open(range?: ByteRange): Promise<Readable>;
}

/** Throws `image_not_found`. */
export async function readImage(
  deps: { db: Database; store: ObjectStore },
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageFile> {
  const image = await findImage(deps.db, projectId, jobId, index);
  if (image === undefined) {
    throw new KilnError('image_not_found', `there is no image ${index} of job "${jobId.slice(0, 100)}"`, {
      param: 'index',
    });
  }
  return {
    objectKey: image.object_key,
    bytes: image.bytes,
    sha256: image.sha256,
    contentType: contentTypeOf(image.format),
    fileName: `${image.job_id}-${image.index}.${image.format}`,
    async open(range) {
      const object = await deps.store.get(image.object_key, range);
      if (object === null)
        throw new KilnError(
          'image_missing',
          `the bytes of image ${index} of ${jobId} are not in the object store`,
        );
      return object.stream;
    },
  };
}
