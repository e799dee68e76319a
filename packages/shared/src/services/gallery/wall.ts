/** The wall of the gallery: a page of images, and their number. */
import { KilnError } from '../../errors.ts';
import { isStatementTimeout } from '../../records/database/availability.ts';
import type { Database } from '../../records/database/open-records.ts';
import { countImages, listImages } from '../../records/gallery/wall.ts';
import { parseImageId, toImageId } from '../../schemas/gallery/image-id.ts';
import type { ImageFilter, ImagePageQuery } from '../../schemas/gallery/image-filter.ts';
import type { GalleryImage } from '../../schemas/gallery/image.ts';
import type { Caller } from '../caller.ts';
import type { GalleryDeps } from './gallery-deps.ts';
import { toGalleryImage } from './image-view.ts';

export interface ImagePage {
  images: GalleryImage[];
  hasMore: boolean;
  isSearchComplete: boolean;
  /** Where the next page begins, unless that is the last image of this one. */
  continueAfter: string | null;
}

/** Throws `query_timeout` for a list that takes the database too long, and `searches_busy`. */
export async function listImagePage(
  deps: GalleryDeps,
  caller: Caller,
  { limit, after, before, newest, offset = 0, ...filter }: ImagePageQuery,
  disconnected: AbortSignal,
): Promise<ImagePage> {
  const page = {
    limit,
    offset,
    after: after === undefined ? undefined : parseImageId(after),
    before: before === undefined ? undefined : parseImageId(before),
    newest: newest === undefined ? undefined : parseImageId(newest),
  };
  const list = (db: Database) => listImages(db, caller.projectId, filter, page);
  const isQuick = isInOneIndex(filter) && offset <= quickOffset;
  const found = await (isQuick ? list(deps.db) : search(deps, disconnected, list));
  const { rows, isComplete, continueAfter } = found;
  const shown = before === undefined ? rows.slice(0, limit) : rows.slice(-limit);
  return {
    images: shown.map((row) => toGalleryImage(row, caller.baseUrl)),
    hasMore: rows.length > limit || continueAfter !== null,
    isSearchComplete: isComplete,
    continueAfter: continueAfter === null ? null : toImageId(continueAfter),
  };
}

/** Throws the errors of a list. */
export async function countPassing(
  deps: GalleryDeps,
  caller: Caller,
  { newest, ...filter }: ImageFilter & { newest?: string | undefined },
  disconnected: AbortSignal,
) {
  const from = { newest: newest === undefined ? undefined : parseImageId(newest) };
  const counted = (db: Database) => countImages(db, caller.projectId, filter, from);
  const { count, isComplete } = await (isInOneIndex(filter)
    ? counted(deps.db)
    : search(deps, disconnected, counted));
  return { object: 'image.count' as const, count, is_complete: isComplete };
}

/**
 * Runs a statement that may read a whole table on the connections for such (`job-searches.ts`). A
 * caller must narrow one that was stopped at its time limit, because it would be stopped again.
 */
export async function search<T>(
  { searches }: Pick<GalleryDeps, 'searches'>,
  disconnected: AbortSignal,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  try {
    return await searches.run(disconnected, work);
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    throw new KilnError(
      'query_timeout',
      'the database stopped this because it took too long; narrow it with `batch_id` or ' +
        '`created_after` instead of repeating it as it is',
      { cause: error },
    );
  }
}

/** Skipping so many entries of an index takes a few milliseconds. */
const quickOffset = 10_000;

/** Each of these has an index in the order of the wall, or leaves few images. */
const indexed: readonly (keyof ImageFilter)[] = [
  'batch_id',
  'job_id',
  'model',
  'size',
  'rating',
  'starred',
  'edited',
  'derived',
  'trashed',
];
const bounds: readonly (keyof ImageFilter)[] = ['created_after', 'created_before'];

/** A count then reads as many entries of an index as there are images, and no table. */
export function isInOneIndex(filter: ImageFilter): boolean {
  const names = Object.entries(filter)
    .filter(([name, value]) => value !== undefined && !bounds.some((bound) => bound === name))
    .map(([name]) => name);
  return names.length === 0 || (names.length === 1 && indexed.some((name) => name === names[0]));
}
