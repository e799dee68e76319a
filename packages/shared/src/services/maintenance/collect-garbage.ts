/**
 * Deletes objects that nobody needs: images that no record names (a crash between storing and
 * settling left them, or an answer that came too late), previews of jobs that have ended and
 * thumbnails of images that are gone. An answer that it finds in this way, and nobody knows of, is
 * counted before. A run is bounded; the next one goes on behind it, and after the last object at
 * the first one again.
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
import { readCursor, saveCursor } from '../../records/files/maintenance-cursors.ts';
import { unknownFacts } from '../running/answers.ts';
import { deleteObjects } from '../files/delete-objects.ts';
import {
  parseFileKey,
  parseKey,
  parseThumbnailKey,
  type ObjectKind,
} from '../files/object-keys.ts';
import type { RunBounds, MaintenanceDeps } from './maintenance-deps.ts';

/**
 * Younger objects may belong to an answer that is being settled, or an upload that is being written
 * down.
 */
const graceMs = 24 * 3_600_000;

interface Round {
  prefix: string;
  /** Where the round keeps its place. */
  cursor: string;
  /**
   * Which of these keys nobody needs. One that Kiln would not have made is somebody else's object.
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
 * Returns how many objects were deleted. What could not be deleted is logged and left to the next
 * round.
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
  let deleted = 0;
  let after = await readCursor(db, cursor);
  for (let page = 0; page < pages && !stopping.aborted; page += 1) {
    const listed = await store.list(prefix, { after, limit: pageSize });
    const latest = Date.now() - graceMs;
    const old = listed.filter(({ modifiedAt }) => modifiedAt.getTime() < latest);
    const garbage =
      old.length === 0
        ? []
        : await find(
            deps,
            old.map(({ key }) => key),
          );
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

/**
 * Images of an attempt are there only if it was answered, and paid for. What it cost was lost with
 * the spool: the estimate stands for it.
 */
async function countLate(
  { db, log }: MaintenanceDeps,
  objects: readonly AttemptObject[],
): Promise<void> {
  for (const { jobId, no, estimatedMicros } of await findUncounted(db, objects)) {
    if (await settleLate(db, { jobId, no }, { ...unknownFacts, costMicros: estimatedMicros }))
      log.warn(
        { jobId, attempt: no },
        'an answer was found when its job had ended; its estimate is recorded',
      );
  }
}
