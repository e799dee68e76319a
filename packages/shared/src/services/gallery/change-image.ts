/** Rates and stars an image, puts it in the trash and takes it out again. */
import { KilnError } from '../../errors.ts';
import type { Database } from '../../records/database/open-records.ts';
import { markImages, restoreImages, trashImages } from '../../records/gallery/image-marks.ts';
import { findRows } from '../../records/gallery/wall.ts';
import { toImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { GalleryImage, ImageMarks } from '../../schemas/gallery/image.ts';
import type { Caller } from '../caller.ts';
import { requireImage } from '../jobs/images.ts';
import type { GalleryDeps } from './gallery-deps.ts';
import { toGalleryImage } from './image-view.ts';

/** Each of these throws `image_not_found`. */
export function markImage(
  deps: GalleryDeps,
  caller: Caller,
  key: ImageKey,
  marks: ImageMarks,
): Promise<GalleryImage> {
  return change(deps, caller, key, (db, keys) => markImages(db, caller.projectId, keys, marks));
}

/** It can be restored for `KILN_TRASH_DAYS`. */
export function trashImage(
  deps: GalleryDeps,
  caller: Caller,
  key: ImageKey,
): Promise<GalleryImage> {
  return change(deps, caller, key, (db, keys) => trashImages(db, caller.projectId, keys));
}

export function restoreImage(
  deps: GalleryDeps,
  caller: Caller,
  key: ImageKey,
): Promise<GalleryImage> {
  const { trashDays } = deps.config;
  return change(deps, caller, key, (db, keys) =>
    restoreImages(db, caller.projectId, keys, trashDays),
  );
}

async function change(
  deps: GalleryDeps,
  caller: Caller,
  key: ImageKey,
  update: (db: Database, keys: readonly ImageKey[]) => Promise<readonly ImageKey[]>,
): Promise<GalleryImage> {
  const changed = await update(deps.db, [key]);
  if (changed.length === 0) {
    await requireImage(deps, caller.projectId, key.jobId, key.index);
    throw tooLate(key);
  }
  const [row] = await findRows(deps.db, [key]);
  if (row === undefined) throw tooLate(key);
  return toGalleryImage(row, caller.baseUrl);
}

function tooLate(key: ImageKey): KilnError {
  return new KilnError(
    'image_not_found',
    `the time of ${toImageId(key)} in the trash is over, and it is being deleted`,
    { param: 'index' },
  );
}
