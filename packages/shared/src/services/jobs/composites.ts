/** Reads the composite of an image: the original, laid back outside the mask of an edit. */
import { contentTypeOf } from '../../domain/content-type.ts';
import { KilnError } from '../../errors.ts';
import { findComposite } from '../../records/images/composites.ts';
import { requireImage, type ImageDeps, type ImageFile } from './images.ts';

const param = 'index';

/**
 * Throws `image_not_found`, `composite_unavailable`, `composite_pending`; opening throws
 * `image_missing`.
 */
export async function readComposite(
  { db, store }: ImageDeps,
  projectId: string,
  jobId: string,
  index: number,
): Promise<ImageFile> {
  const image = await requireImage({ db, store }, projectId, jobId, index);
  const composite = await findComposite(db, jobId, index);
  const what = `composite of image ${index} of ${image.job_id}`;
  if (composite === undefined)
    throw new KilnError(
      'composite_unavailable',
      `there is no ${what}: it was not asked for. An edit asks with "composite": "outside_mask"`,
      { param },
    );
  if (composite.status === 'pending')
    throw new KilnError('composite_pending', `the ${what} is being made; retry`, {
      param,
      retryAfterMs: 1_000,
    });
  if (composite.status === 'skipped')
    throw new KilnError(
      'composite_unavailable',
      `there is no ${what} (${composite.code}): ${composite.message}`,
      { param },
    );
  return {
    objectKey: composite.object_key,
    bytes: composite.bytes,
    sha256: composite.sha256,
    contentType: contentTypeOf('png'),
    fileName: `${image.job_id}-${image.index}-composite.png`,
    async open(range) {
      const object = await store.get(composite.object_key, range);
      if (object !== null) return object.stream;
      throw new KilnError('image_missing', `the bytes of the ${what} are not in the object store`);
    },
  };
}
