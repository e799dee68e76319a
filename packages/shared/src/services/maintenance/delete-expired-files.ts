/** Deletes expired files: the record first, then the object. */
import { deleteExpiredFiles } from '../../records/files/files.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

/** Deletes the files past their expiry or retention; returns how many. */
export async function removeExpiredFiles({
  config,
  db,
  store,
  log,
  stopping,
}: MaintenanceDeps): Promise<number> {
  let files = 0;
  while (!stopping.aborted) {
    const objectKeys = await deleteExpiredFiles(db, config.keepFilesDays, filesAtATime);
    const failed = await deleteObjects(store, objectKeys);
    for (const [objectKey, err] of failed)
      log.error(
        { err, objectKey },
        'the object of an expired file could not be deleted; garbage collection deletes it later',
      );
    files += objectKeys.length;
    if (objectKeys.length < filesAtATime) break;
  }
  return files;
}

export const filesAtATime = 200;
