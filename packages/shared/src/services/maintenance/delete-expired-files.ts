/** Deletes expired files: the record first, then the object. */
import { deleteExpiredFiles } from '../../records/files/files.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

const filesPerStatement = 200;

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
    const objectKeys = await deleteExpiredFiles(db, config.keepFilesDays, filesPerStatement);
    const failed = await deleteObjects(store, objectKeys);
    for (const [objectKey, err] of failed)
      log.error(
        { err, objectKey },
        'the object of an expired file could not be deleted; garbage collection deletes it later',
      );
    files += objectKeys.length;
    if (objectKeys.length < filesPerStatement) break;
  }
  return files;
}
