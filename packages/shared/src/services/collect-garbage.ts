/**
 * Deletes objects that no record names: a crash between storing and settling left them, or an answer that came too late. A run is
 * bounded; the next one goes on behind it, and after the last object at the first one again.
 */
import { findGarbage } from '../records/stored-objects.ts';
import { readCursor, saveCursor } from '../records/upkeep-cursors.ts';
import { imagesPrefix, parseImageKey } from './answers.ts';
import { deleteObjects } from './delete-objects.ts';
import type { UpkeepDeps } from './upkeep.ts';

/** Younger objects may belong to an answer that is being settled. */
const graceMs = 24 * 3_600_000;
const task = 'collect_garbage';

export interface RunBounds {
  /** How often the store is asked in a run, or the records. */
  pages: number;
  /** How much is asked for at a time. */
  pageSize: number;
}

const bounds: RunBounds = { pages: 1_000, pageSize: 1_000 };

/** Returns how many objects were deleted. What could not be deleted is logged and left to the next round. */
export async function collectGarbage(
  { db, store, log, stopping }: UpkeepDeps,
  { pages, pageSize } = bounds,
): Promise<number> {
  let deleted = 0;
  let after = await readCursor(db, task);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const listed = await store.list(imagesPrefix, { after, limit: pageSize });
    const latest = Date.now() - graceMs;
    const candidates = listed.flatMap(({ key, modifiedAt }) => {
      // A key that Kiln would not have made is somebody else's object.
      const attempt = modifiedAt.getTime() < latest ? parseImageKey(key) : null;
      return attempt === null ? [] : [{ key, ...attempt }];
    });
    const garbage = candidates.length === 0 ? [] : await findGarbage(db, candidates);
    const failed = await deleteObjects(store, garbage);
    for (const [objectKey, err] of failed)
      log.error({ err, objectKey }, 'an object without a record could not be deleted');
    deleted += garbage.length - failed.size;
    after = listed.at(-1)?.key ?? '';
    await saveCursor(db, task, after);
    if (after === '') break;
  }
  return deleted;
}
