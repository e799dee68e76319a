/**
 * Deletes the images whose time in the trash is over (`KILN_TRASH_DAYS`), with their thumbnails and
 * composites. Objects are deleted before records, as `delete-results.ts` does: a crash in between
 * leaves records without objects, which the next run deletes. The calls that made them stay in the
 * ledger.
 */
import { listDueTrash, purgeImages, type DueImage } from '../../records/gallery/trash.ts';
import { toImageId } from '../../schemas/gallery/image-id.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import { thumbnailKeyOf } from '../files/object-keys.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

const imagesPerPage = 500;
/** The store itself is the cause where so many images keep an object. */
const mostKept = 1_000;

/** Returns how many images were deleted; what could not be is logged and left to the next run. */
export async function emptyTrash({
  config,
  db,
  store,
  log,
  stopping,
}: Omit<MaintenanceDeps, 'config'> & {
  config: Pick<MaintenanceDeps['config'], 'trashDays'>;
}): Promise<number> {
  let images = 0;
  /** Images of which an object could not be deleted. They do not hold up those after them. */
  const kept: string[] = [];
  while (!stopping.aborted && kept.length < mostKept) {
    const due = await listDueTrash(db, config.trashDays, { limit: imagesPerPage, except: kept });
    const failed = await deleteObjects(store, due.flatMap(keysOf));
    const isKept = (image: DueImage) => keysOf(image).some((key) => failed.has(key));
    images += await purgeImages(
      db,
      due.filter((image) => !isKept(image)),
    );
    kept.push(...due.filter(isKept).map(toImageId));
    const [failure] = failed;
    if (failure !== undefined) {
      const [objectKey, err] = failure;
      log.error(
        { err, objectKey, objects: failed.size },
        'images in the trash could not be deleted; the next run tries again',
      );
    }
    if (due.length < imagesPerPage) break;
  }
  return images;
}

function keysOf({ objectKey, compositeKey }: DueImage): string[] {
  return [objectKey, thumbnailKeyOf(objectKey), ...(compositeKey === null ? [] : [compositeKey])];
}
