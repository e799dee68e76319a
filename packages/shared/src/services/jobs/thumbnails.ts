/**
 * Thumbnails of a job's images: made on first request and stored beside the image, never in its
 * place. A missing thumbnail is made again; concurrent requests make identical ones. An image that
 * has no ThumbHash gets it with its thumbnail.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { contentTypeOf } from '../../domain/content-type.ts';
import { hasThumbnail } from '../../models/picture-rules.ts';
import { KilnError } from '../../errors.ts';
import type { Imaging } from '../../imaging/imaging.ts';
import type { ImageRow } from '../../records/jobs/jobs.ts';
import { keepThumbhashes } from '../../records/images/thumbhashes.ts';
import { requireImage, missing, type ImageDeps, type ImageFile } from './images.ts';
import { thumbnailKeyOf } from '../files/object-keys.ts';
import { readObject } from '../files/read-object.ts';

export interface ThumbnailDeps extends ImageDeps {
  imaging: Imaging;
  making: PendingThumbnails;
}

/** Thumbnails this process is making, by object key; further requests for one wait for it. */
export type PendingThumbnails = Map<string, Promise<Uint8Array>>;

/**
 * Throws `image_not_found`, `image_missing`, `imaging_busy`, and `thumbnail_unavailable` for an
 * image that cannot have a thumbnail.
 */
export async function readThumbnail(
  deps: ThumbnailDeps,
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageFile> {
  const image = await requireImage(deps, projectId, jobId, index);
  if (!hasThumbnail(image.format)) throw unavailable(image, `it is ${image.format}`);
  const key = thumbnailKeyOf(image.object_key);
  const kept = await deps.store.get(key);
  const bytes = kept === null ? await makeOnce(deps, image, key) : await buffer(kept.stream);
  return {
    objectKey: key,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    contentType: contentTypeOf('webp'),
    fileName: `${image.job_id}-${image.index}-thumbnail.webp`,
    open: ({ start = 0, end = bytes.length - 1 } = {}) =>
      Promise.resolve(Readable.from([Buffer.from(bytes.subarray(start, end + 1))])),
  };
}

async function makeOnce(deps: ThumbnailDeps, image: ImageRow, key: string): Promise<Uint8Array> {
  const underWay = deps.making.get(key);
  if (underWay !== undefined) return underWay;
  const making = make(deps, image, key).finally(() => deps.making.delete(key));
  deps.making.set(key, making);
  return making;
}

async function make(
  { db, store, imaging }: ThumbnailDeps,
  image: ImageRow,
  key: string,
): Promise<Uint8Array> {
  const made = await imaging.thumbnail(async (signal) => {
    const bytes = await readObject(store, image.object_key, signal);
    if (bytes === null) throw missing(image);
    return bytes;
  });
  if (made.status === 'refused') throw unavailable(image, made.message);
  await store.put(key, made.bytes, { contentType: contentTypeOf('webp') });
  const { job_id: jobId, index } = image;
  if (image.thumbhash === null && made.thumbhash !== null)
    await keepThumbhashes(db, [{ jobId, index, thumbhash: made.thumbhash }]);
  return made.bytes;
}

function unavailable({ index, job_id: jobId }: ImageRow, reason: string): KilnError {
  return new KilnError(
    'thumbnail_unavailable',
    `there is no thumbnail of image ${index} of ${jobId}: ${reason}; use the image itself`,
    { param: 'thumbnail' },
  );
}
