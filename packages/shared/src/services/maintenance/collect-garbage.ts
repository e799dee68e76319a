/**
 * Deletes objects that no record needs: images without a record (from a crash between storing and
 * settling, or from an answer that came too late), previews of ended jobs, thumbnails and
 * composites of deleted images, files without a record. An answer found this way that is recorded
 * nowhere is first added to the costs. Each run is bounded; the next one continues after it and
 * starts over after the last object.
 */
import { settleLate } from '../../records/jobs/settlements.ts';
import {
  findGarbage,
  findOldPreviews,
  findStrayFiles,
  findStrayThumbnails,
  findUncounted,
  type AttemptObject,
} from '../../records/files/stored-objects.ts';
import { findStrayComposites } from '../../records/images/composites.ts';
import { readCursor, saveCursor } from '../../records/files/maintenance-cursors.ts';
import { unknownFacts } from '../running/answers.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import {
  parseFileKey,
  parseKey,
  parseThumbnailKey,
  type ObjectKind,
} from '../files/object-keys.ts';
import { isUnavailable } from '../retry-limits.ts';
import type { RunBounds, MaintenanceDeps } from './maintenance-deps.ts';

/**
 * Younger objects may belong to an answer that is being settled, or to an upload that is being
 * recorded.
 */
const graceMs = 24 * 3_600_000;

interface Round {
  prefix: string;
  /** Name of the cursor at which the next run continues. */
  cursor: string;
  /**
   * The keys that no record needs. A key that Kiln would not have made belongs to something else
   * and is never among them.
   */
  find(deps: MaintenanceDeps, keys: readonly string[]): Promise<string[]>;
}

const rounds: readonly Round[] = [
  {
    prefix: 'images/',
    cursor: 'collect_garbage',
    async find(deps, keys) {
      const objects = attemptObjects('images', keys);
      await countLate(deps, objects);
      return findGarbage(deps.db, objects, deps.config.keepResultsDays);
    },
  },
  {
    prefix: 'previews/',
    cursor: 'collect_previews',
    find: ({ db }, keys) => findOldPreviews(db, attemptObjects('previews', keys)),
  },
  {
    prefix: 'thumbnails/',
    cursor: 'collect_thumbnails',
    find: ({ db }, keys) => findStrayThumbnails(db, named(keys, parseThumbnailKey)),
  },
  {
    prefix: 'composites/',
    cursor: 'collect_composites',
    find: ({ db }, keys) =>
      findStrayComposites(
        db,
        attemptObjects('composites', keys).map(({ key }) => key),
      ),
  },
  {
    prefix: 'files/',
    cursor: 'collect_files',
    find: ({ db }, keys) => findStrayFiles(db, named(keys, parseFileKey)),
  },
];

function attemptObjects(kind: ObjectKind, keys: readonly string[]) {
  return named(keys, (key) => parseKey(kind, key));
}

function named<T>(
  keys: readonly string[],
  parse: (key: string) => T | null,
): (T & { key: string })[] {
  return keys.flatMap((key) => {
    const name = parse(key);
    return name === null ? [] : [{ ...name, key }];
  });
}

const bounds: RunBounds = { pages: 1_000, pageSize: 1_000 };

/**
 * Returns how many objects were deleted. An object that could not be deleted is logged; a later run
 * tries again.
 */
export async function collectGarbage(deps: MaintenanceDeps, runBounds = bounds): Promise<number> {
  let deleted = 0;
  for (const round of rounds) deleted += await collect(deps, round, runBounds);
  return deleted;
}

async function collect(
  deps: MaintenanceDeps,
  { prefix, cursor, find }: Round,
  { pages, pageSize }: RunBounds,
): Promise<number> {
  const { db, store, log, stopping } = deps;
  /** A page that cannot be compared with the records does not hold up the pages after it. */
  const skipPage = (err: unknown): string[] => {
    if (isUnavailable(err)) throw err;
    log.error({ err, cursor }, 'objects could not be compared with the records; a later run will');
    return [];
  };
  let deleted = 0;
  let after = await readCursor(db, cursor);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const listed = await store.list(prefix, { after, limit: pageSize });
    const latest = Date.now() - graceMs;
    const old = listed.filter(({ modifiedAt }) => modifiedAt.getTime() < latest);
    const keys = old.map(({ key }) => key);
    const garbage = keys.length === 0 ? [] : await find(deps, keys).catch(skipPage);
    const failed = await deleteObjects(store, garbage);
    for (const [objectKey, err] of failed)
      log.error(
        { err, objectKey },
        'an unneeded object could not be deleted; the next run tries again',
      );
    deleted += garbage.length - failed.size;
    after = listed.at(-1)?.key ?? '';
    await saveCursor(db, cursor, after);
    if (after === '') break;
  }
  return deleted;
}

/**
 * An attempt has images only if it was answered, and therefore paid for. Its cost was lost with the
 * spool, so the estimate is recorded instead.
 */
async function countLate(
  { db, log }: MaintenanceDeps,
  objects: readonly AttemptObject[],
): Promise<void> {
  for (const { jobId, no, estimatedMicros } of await findUncounted(db, objects)) {
    if (await settleLate(db, { jobId, no }, { ...unknownFacts, costMicros: estimatedMicros }))
      log.warn(
        { jobId, attempt: no },
        'an answer was found after its job had ended; the estimated cost is recorded',
      );
  }
}
