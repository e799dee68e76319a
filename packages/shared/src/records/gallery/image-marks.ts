/** What callers change about images: rating, star, and whether they are in the trash. */
import { sql, type RawBuilder } from 'kysely';
import { toImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { ImageMarks } from '../../schemas/gallery/image.ts';
import type { Database } from '../database/open-records.ts';
import { isOneOf } from './filter-images.ts';

/** Each returns the keys of the images that exist, whether or not they changed. */
export function markImages(
  db: Database,
  projectId: string,
  keys: readonly ImageKey[],
  { rating, starred }: ImageMarks,
): Promise<ImageKey[]> {
  const changes = [
    ...(rating === undefined ? [] : [sql`rating = ${rating}::smallint`]),
    ...(starred === undefined ? [] : [sql`starred = ${starred}::boolean`]),
  ];
  return update(db, projectId, keys, sql.join(changes));
}

/** An image that is in the trash already keeps its time. */
export function trashImages(
  db: Database,
  projectId: string,
  keys: readonly ImageKey[],
): Promise<ImageKey[]> {
  return update(db, projectId, keys, sql`trashed_at = coalesce(trashed_at, clock_timestamp())`);
}

/**
 * Takes images out of the trash, unless their time there is over: their objects may be gone
 * (`trash.ts`). Such images are not among those that are returned.
 */
export function restoreImages(
  db: Database,
  projectId: string,
  keys: readonly ImageKey[],
  trashDays: number,
): Promise<ImageKey[]> {
  const isInTime = sql`(i.trashed_at is null
    or i.trashed_at > clock_timestamp() - ${trashDays}::int * interval '1 day')`;
  return update(db, projectId, keys, sql`trashed_at = null, trashed_by = null`, isInTime);
}

async function update(
  db: Database,
  projectId: string,
  keys: readonly ImageKey[],
  changes: RawBuilder<unknown>,
  condition: RawBuilder<unknown> = sql`true`,
): Promise<ImageKey[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<ImageKey>`
    update kiln.images i set ${changes}
    where i.project_id = ${projectId} and ${isOneOf(keys.map(toImageId))} and ${condition}
    returning i.job_id as "jobId", i.index`.execute(db);
  return rows;
}
