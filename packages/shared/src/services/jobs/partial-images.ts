/**
 * Reads the previews that a streamed call has sent: pictures of a job that is still being made.
 * They are no results, and are deleted some time after their job has ended.
 */
import { createHash } from 'node:crypto';
import { contentTypeOf } from '../../domain/content-type.ts';
import { KilnError } from '../../errors.ts';
import { findPreview } from '../../records/events/preview-events.ts';
import { keyOfPreview } from '../files/object-keys.ts';
import { requireJob } from '../require-job.ts';
import type { ImageDeps, ImageFile } from './images.ts';

export interface PartialImageChoice {
  jobId: string;
  index: number;
  /** The number of an attempt; default: the last one that has sent this index. */
  attempt?: number | undefined;
}

/** Throws `job_not_found` and `image_not_found`. */
export async function readPartialImage(
  { db, store }: ImageDeps,
  projectId: string,
  { jobId, index, attempt }: PartialImageChoice,
): Promise<ImageFile> {
  const job = await requireJob(db, projectId, jobId);
  const preview = await findPreview(db, { jobId: job.id, index, no: attempt });
  const objectKey = preview === null ? null : keyOfPreview(preview);
  const head = objectKey === null ? null : await store.head(objectKey);
  if (preview === null || objectKey === null || head === null) throw notThere();
  return {
    objectKey,
    bytes: head.size,
    // An object is written once, so its key tells its bytes from all others, and nothing is read.
    sha256: createHash('sha256').update(objectKey).digest('hex'),
    contentType: contentTypeOf(preview.format),
    fileName: `${job.id}-partial-${preview.no}-${index}.${preview.format}`,
    async open(range) {
      const object = await store.get(objectKey, range);
      if (object === null) throw notThere();
      return object.stream;
    },
  };

  function notThere(): KilnError {
    const of = attempt === undefined ? '' : ` of attempt ${attempt}`;
    return new KilnError(
      'image_not_found',
      `there is no partial image ${index}${of} of ${job.id}: its call is not streamed, has not ` +
        'sent it yet, or the job has ended and it was deleted',
      { param: 'index' },
    );
  }
}
