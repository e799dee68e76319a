/**
 * Deletes expired files: the record first, then the object. A file whose record the database
 * refuses to change does not keep the others: it is logged and left to the next run.
 */
import type { Database } from '../../records/database/open-records.ts';
import { deleteUnneededFiles, listExpiredFiles } from '../../records/files/files.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import { isUnavailable } from '../retry-limits.ts';
import type { MaintenanceDeps } from './maintenance-deps.ts';

const filesPerStatement = 200;
/** The records themselves are the cause where so many files are refused. */
const mostRefused = 1_000;

/** Deletes the files past their expiry or retention; returns how many. */
export async function removeExpiredFiles({
  config,
  db,
  store,
  log,
  stopping,
}: MaintenanceDeps): Promise<number> {
  let files = 0;
  const refused: string[] = [];
  while (!stopping.aborted && refused.length < mostRefused) {
    const due = await listExpiredFiles(db, config.keepFilesDays, {
      limit: filesPerStatement,
      except: refused,
    });
    const { objectKeys, failures } = await deleteRecords(db, due);
    for (const [fileId, err] of failures)
      log.error({ err, fileId }, 'an expired file could not be deleted; the next run tries again');
    refused.push(...failures.keys());
    const failed = await deleteObjects(store, objectKeys);
    for (const [objectKey, err] of failed)
      log.error(
        { err, objectKey },
        'the object of an expired file could not be deleted; garbage collection deletes it later',
      );
    files += objectKeys.length;
    // Files that another process holds at this moment are left to it.
    const isStuck = objectKeys.length + failures.size === 0;
    if (due.length < filesPerStatement || isStuck) break;
  }
  return files;
}

/** The records together, or each by itself where the database refuses one of them. */
async function deleteRecords(
  db: Database,
  ids: readonly string[],
): Promise<{ objectKeys: string[]; failures: Map<string, unknown> }> {
  const failures = new Map<string, unknown>();
  try {
    return { objectKeys: await deleteUnneededFiles(db, ids), failures };
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
  const objectKeys: string[] = [];
  for (const id of ids) {
    try {
      objectKeys.push(...(await deleteUnneededFiles(db, [id])));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      failures.set(id, error);
    }
  }
  return { objectKeys, failures };
}
