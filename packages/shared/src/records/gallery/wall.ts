/**
 * The wall of the gallery: images newest first, by a filter, from a cursor or an offset.
 *
 * Problem: a project may have a million images, and the wall jumps anywhere in them.
 * Approach: the keys of a page come from an index in the order of the wall; only the images of the
 * page and their jobs are read. Texts are searched for as `records/jobs/search-jobs.ts` does: the
 * newest images are read, which answers common words, and older ones come from an index.
 */
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { ImageKey } from '../../schemas/gallery/image-id.ts';
import type { ImageFilter } from '../../schemas/gallery/image-filter.ts';
import { wallPromptCharacters } from '../../schemas/gallery/image.ts';
import type { Database } from '../database/open-records.ts';
import type { JobRow } from '../jobs/jobs.ts';
import type { ImageTable } from '../database/gallery-tables.ts';
import { hasPromptIndex } from '../jobs/search-jobs.ts';
import {
  hasText,
  isAfter,
  isBefore,
  isFoundByIndex,
  isFoundInJob,
  isFrom,
  isInIndex,
  isSearch,
  passes,
  wallOrder,
  wallOrderBack,
} from './filter-images.ts';

/** Reading them takes about 30 ms. */
const newestRead = 5_000;

export interface WallPage {
  limit: number;
  after?: ImageKey | undefined;
  /** The page ends in front of this image; `offset` then counts from there. */
  before?: ImageKey | undefined;
  /** Newer images are left out. */
  newest?: ImageKey | undefined;
  offset: number;
}

/** How a page is read from its cursor: along the wall, or back to newer images. */
interface Way {
  order: RawBuilder<unknown>;
  reversed: RawBuilder<unknown>;
  isPast: (key: ImageKey) => RawBuilder<unknown>;
}

const along: Way = { order: wallOrder, reversed: wallOrderBack, isPast: isAfter };
const back: Way = { order: wallOrderBack, reversed: wallOrder, isPast: isBefore };

/** An image with what the wall shows of its job. */
export type WallRow = Pick<
  Selectable<ImageTable>,
  | 'job_id'
  | 'index'
  | 'batch_id'
  | 'model'
  | 'edited'
  | 'derived'
  | 'width'
  | 'height'
  | 'format'
  | 'bytes'
  | 'thumbhash'
  | 'rating'
  | 'starred'
  | 'cost_micros'
  | 'trashed_at'
> & { albums: string[]; prompt: string } & Pick<JobRow, 'created_at' | 'custom_id'>;

export interface FoundImages {
  /** One row more than the limit if there are more; the order is that of the wall. */
  rows: WallRow[];
  /** False: images that were not read may match as well. */
  isComplete: boolean;
  /** The search ended at this image, and a search after it continues. */
  continueAfter: ImageKey | null;
}

export async function listImages(
  db: Database,
  projectId: string,
  filter: ImageFilter,
  page: WallPage,
  newest = newestRead,
): Promise<FoundImages> {
  if (isSearch(filter)) return searchImages(db, projectId, filter, page, newest);
  const rows = await readRows(db, keysOf(conditionsOf(projectId, filter, page), page));
  return { rows, isComplete: true, continueAfter: null };
}

/** The number of images that pass; `isComplete` is false if not all of them were looked at. */
export async function countImages(
  db: Database,
  projectId: string,
  filter: ImageFilter,
  from: Pick<WallPage, 'newest'>,
): Promise<{ count: number; isComplete: boolean }> {
  const conditions = conditionsOf(projectId, filter, from);
  if (!isSearch(filter)) return { count: await count(db, conditions), isComplete: true };
  if (await canUseIndex(db, filter))
    return { count: await count(db, [...conditions, isFoundByIndex(filter)]), isComplete: true };
  const { rows } = await sql<{ count: number; read: number }>`
    with recent as materialized (
      select i.job_id from kiln.images i where ${all(conditions)}
      order by ${wallOrder} limit ${newestRead}::int
    )
    select count(*) filter (where ${hasText(filter)})::int as count, count(*)::int as read
    from recent join kiln.jobs j on j.id = recent.job_id`.execute(db);
  const { count: found = 0, read = 0 } = rows[0] ?? {};
  return { count: found, isComplete: read < newestRead };
}

async function count(db: Database, conditions: readonly RawBuilder<unknown>[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from kiln.images i where ${all(conditions)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The rows of these images, in the order of the wall. */
export function findRows(db: Database, keys: readonly ImageKey[]): Promise<WallRow[]> {
  return readRows(
    db,
    sql`select * from unnest(${keys.map(({ jobId }) => jobId)}::text[],
      ${keys.map(({ index }) => index)}::int[]) as key(job_id, index)`,
  );
}

/** @param keys a query of `job_id` and `index` */
async function readRows(db: Database, keys: RawBuilder<unknown>): Promise<WallRow[]> {
  const { rows } = await sql<WallRow>`
    select i.job_id, i.index, i.batch_id, i.model, i.edited, i.derived, i.width, i.height, i.format,
      i.bytes, i.thumbhash, i.rating, i.starred, i.cost_micros, i.trashed_at, j.created_at,
      j.custom_id, left(j.request->>'prompt', ${wallPromptCharacters}::int) as prompt,
      array(select a.album_id from kiln.album_images a where a.job_id = i.job_id
        and a.index = i.index order by a.album_id) as albums
    from (${keys}) as k join kiln.images i on i.job_id = k.job_id and i.index = k.index
      join kiln.jobs j on j.id = i.job_id
    order by ${wallOrder}`.execute(db);
  return rows;
}

async function searchImages(
  db: Database,
  projectId: string,
  filter: ImageFilter,
  page: WallPage,
  newest: number,
): Promise<FoundImages> {
  const wanted = page.limit + 1;
  const way = wayOf(page);
  const byIndex = await canUseIndex(db, filter);
  const conditions = conditionsOf(projectId, filter, page);
  // An offset counts matches, so all of them have to be found.
  if (page.offset > 0 && byIndex) {
    const rows = await readRows(db, keysOf([...conditions, isFoundByIndex(filter)], page));
    return { rows, isComplete: true, continueAfter: null };
  }
  const recent = await searchNewest(db, conditions, filter, {
    wanted: wanted + page.offset,
    newest,
    way,
  });
  const keys = recent.keys.slice(page.offset);
  if (keys.length >= wanted || recent.last === null)
    return { rows: await findRows(db, keys), isComplete: true, continueAfter: null };
  // Only a page along the wall can end before its limit and be continued.
  if (!byIndex && way === along)
    return { rows: await findRows(db, keys), isComplete: false, continueAfter: recent.last };
  const matches = byIndex ? isFoundByIndex(filter) : isFoundInJob(filter);
  const farKeys = keysOf([...conditions, way.isPast(recent.last), matches], {
    ...page,
    limit: page.limit - keys.length,
    offset: 0,
  });
  const near = await findRows(db, keys);
  const far = await readRows(db, farKeys);
  const rows = way === along ? [...near, ...far] : [...far, ...near];
  return { rows, isComplete: true, continueAfter: null };
}

/**
 * Looks through the images that come first on the way.
 * `last` is null if none beyond them passes the filter.
 */
async function searchNewest(
  db: Database,
  conditions: readonly RawBuilder<unknown>[],
  filter: ImageFilter,
  { wanted, newest, way }: { wanted: number; newest: number; way: Way },
): Promise<{ keys: ImageKey[]; last: ImageKey | null }> {
  const { rows } = await sql<{ keys: ImageKey[] | null; last: ImageKey | null }>`
    with recent as materialized (
      select i.job_id, i.index from kiln.images i where ${all(conditions)}
      order by ${way.order} limit ${newest}::int
    ), matching as (
      select i.job_id, i.index from recent i join kiln.jobs j on j.id = i.job_id
      where ${hasText(filter)} order by ${way.order} limit ${wanted}::int
    ), last as (
      select i.job_id, i.index from recent i order by ${way.reversed} limit 1
    )
    select (select json_agg(json_build_object('jobId', i.job_id, 'index', i.index)
        order by ${way.order}) from matching i) as keys,
      (select json_build_object('jobId', job_id, 'index', index) from last
        where (select count(*) from recent) >= ${newest}::int) as last`.execute(db);
  return { keys: rows[0]?.keys ?? [], last: rows[0]?.last ?? null };
}

async function canUseIndex(db: Database, filter: ImageFilter): Promise<boolean> {
  return isInIndex(filter) && (filter.metadata !== undefined || (await hasPromptIndex(db)));
}

function conditionsOf(
  projectId: string,
  filter: ImageFilter,
  { after, before, newest }: Pick<WallPage, 'after' | 'before' | 'newest'>,
): RawBuilder<unknown>[] {
  return [
    ...passes(projectId, filter),
    ...(newest === undefined ? [] : [isFrom(newest)]),
    ...(after === undefined ? [] : [isAfter(after)]),
    ...(before === undefined ? [] : [isBefore(before)]),
  ];
}

/** The keys of a page, with one more than its limit. */
function keysOf(
  conditions: readonly RawBuilder<unknown>[],
  page: Pick<WallPage, 'limit' | 'offset' | 'before'>,
): RawBuilder<unknown> {
  const { limit, offset } = page;
  return sql`select i.job_id, i.index from kiln.images i where ${all(conditions)}
    order by ${wayOf(page).order} offset ${offset}::int limit ${limit + 1}::int`;
}

function wayOf({ before }: Pick<WallPage, 'before'>): Way {
  return before === undefined ? along : back;
}

function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join([...conditions], sql` and `);
}
