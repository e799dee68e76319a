/**
 * Deletes objects that nobody needs: images that no record names (a crash between storing and settling left them, or an answer that came
 * too late) and previews of jobs that have ended. An answer that it finds in this way, and nobody knows of, is counted before. A run is
 * bounded; the next one goes on behind it, and after the last object at the first one again.
 */
import { settleLate } from '../records/settlements.ts';
import {
  findGarbage,
  findOldPreviews,
  findUncounted,
  type AttemptObject,
} from '../records/stored-objects.ts';
import { readCursor, saveCursor } from '../records/upkeep-cursors.ts';
import { unknownFacts } from './answers.ts';
import { deleteObjects } from './delete-objects.ts';
import { parseKey, type ObjectKind } from './object-keys.ts';
import type { UpkeepDeps } from './upkeep.ts';

/** Younger objects may belong to an answer that is being settled. */
const graceMs = 24 * 3_600_000;

/** Where each kind's round keeps its place, and which of its objects are not needed. */
const rounds: Readonly<
  Record<
    ObjectKind,
    { cursor: string; find: (deps: UpkeepDeps, objects: readonly AttemptObject[]) => Promise<string[]> }
  >
> = {
  images: {
    cursor: 'collect_garbage',
    find: async (deps, objects) => {
      await countLate(deps, objects);
      return findGarbage(deps.db, objects, deps.config.keepResultsDays);
    },
  },
  previews: { cursor: 'collect_previews', find: ({ db }, objects) => findOldPreviews(db, objects) },
};

export interface RunBounds {
  /** How often the store is asked in a run, or the records. */
  pages: number;
  /** How much is asked for at a time. */
  pageSize: number;
}

const bounds: RunBounds = { pages: 1_000, pageSize: 1_000 };

/** Returns how many objects were deleted. What could not be deleted is logged and left to the next round. */
export async function collectGarbage(deps: UpkeepDeps, runBounds = bounds): Promise<number> {
  return (await collect(deps, 'images', runBounds)) + (await collect(deps, 'previews', runBounds));
}

async function collect(deps: UpkeepDeps, kind: ObjectKind, { pages, pageSize }: RunBounds): Promise<number> {
  const { db, store, log, stopping } = deps;
  const { cursor, find } = rounds[kind];
  let deleted = 0;
  let after = await readCursor(db, cursor);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const listed = await store.list(`${kind}/`, { after, limit: pageSize });
    const latest = Date.now() - graceMs;
    const candidates = listed.flatMap(({ key, modifiedAt }) => {
      // A key that Kiln would not have made is somebody else's object.
      const attempt = modifiedAt.getTime() < latest ? parseKey(kind, key) : null;
      return attempt === null ? [] : [{ key, ...attempt }];
    });
    const garbage = candidates.length === 0 ? [] : await find(deps, candidates);
    const failed = await deleteObjects(store, garbage);
    for (const [objectKey, err] of failed)
      log.error({ err, objectKey }, 'an object that nobody needs could not be deleted');
    deleted += garbage.length - failed.size;
    after = listed.at(-1)?.key ?? '';
    await saveCursor(db, cursor, after);
    if (after === '') break;
  }
  return deleted;
}

/** Images of an attempt are there only if it was answered, and paid for. What it cost was lost with the spool: the estimate stands for it. */
async function countLate({ db, log }: UpkeepDeps, objects: readonly AttemptObject[]): Promise<void> {
  for (const { jobId, no, estimatedMicros } of await findUncounted(db, objects)) {
    if (await settleLate(db, { jobId, no }, { ...unknownFacts, costMicros: estimatedMicros }))
      log.warn(
        { jobId, attempt: no },
        'an answer was found when its job had ended; its estimate is recorded',
      );
  }
}
