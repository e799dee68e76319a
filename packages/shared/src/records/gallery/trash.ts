/** Images whose time in the trash is over. Those that are not, can be restored. */
import { sql } from 'kysely';
import { toImageId, type ImageKey } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';
import { isOneOf } from './filter-images.ts';

export interface DueImage extends ImageKey {
  objectKey: string;
  compositeKey: string | null;
}

/**
 * Up to `limit` of them, the earliest first. They are due a minute late, because an image that is
 * restored at the last moment stays in the trash until that is committed.
 */
export async function listDueTrash(
  db: Database,
  days: number,
  { limit, except }: { limit: number; except: readonly string[] },
): Promise<DueImage[]> {
  const { rows } = await sql<DueImage>`
    select i.job_id as "jobId", i.index, i.object_key as "objectKey", c.object_key as "compositeKey"
    from kiln.images i left join kiln.composites c on c.job_id = i.job_id and c.index = i.index
    where i.trashed_at is not null
      and i.trashed_at <= clock_timestamp() - ${days}::int * interval '1 day' - interval '1 minute'
      and not ${isOneOf(except)}
    order by i.trashed_at limit ${limit}::int`.execute(db);
  return rows;
}

/**
 * Deletes the records of images whose objects are gone. A job without any image left says when its
 * results were deleted; its calls and their costs stay. Returns how many images had a record.
 */
export async function purgeImages(db: Database, keys: readonly ImageKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  return db.transaction().execute(async (transaction) => {
    const deleted = await sql<{ jobId: string }>`
      delete from kiln.images i where i.trashed_at is not null and ${isOneOf(keys.map(toImageId))}
      returning i.job_id as "jobId"`.execute(transaction);
    const jobIds = [...new Set(deleted.rows.map(({ jobId }) => jobId))];
    await sql`
      update kiln.jobs j set results_deleted_at = clock_timestamp()
      where j.id = any(${jobIds}::text[]) and j.status = 'succeeded'
        and j.results_deleted_at is null
        and not exists (select from kiln.images i where i.job_id = j.id)`.execute(transaction);
    return deleted.rows.length;
  });
}
