/**
 * Finds what was made before: jobs of the same project with the same key that succeeded and still
 * have all of their images, none of them in the trash. The newest comes first.
 */
import { sql } from 'kysely';
import type { Chosen } from '../../schemas/job.ts';
import { listColumns } from '../database/job-columns.ts';
import type { Database } from '../database/open-records.ts';
import type { JobRow } from '../jobs/jobs.ts';
import type { KeptImage } from '../images/kept-images.ts';

/** An image as it can be copied to another job. */
export type ReusableImage = Omit<KeptImage, 'crc32'> & {
  crc32: number | null;
  thumbhash: string | null;
};

export interface MadeBefore {
  requestKey: string;
  jobId: string;
  chosen: Chosen | null;
  images: ReusableImage[];
}

/** Up to `limit` jobs for each of the keys. */
export async function findMadeBefore(
  db: Database,
  projectId: string,
  keys: readonly string[],
  limit: number,
): Promise<Map<string, MadeBefore[]>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<MadeBefore>`
    select wanted.key as "requestKey", made.id as "jobId", made.chosen, made.images
    from unnest(${[...new Set(keys)]}::text[]) as wanted(key), lateral (
      select j.id, j.chosen, kept.images from kiln.jobs j, lateral (
        select count(*) filter (where i.trashed_at is null) as here,
          count(*) filter (where i.trashed_at is not null) as in_trash,
          jsonb_agg(jsonb_build_object('index', i.index, 'object_key', i.object_key, 'format',
            i.format, 'width', i.width, 'height', i.height, 'bytes', i.bytes, 'sha256', i.sha256,
            'crc32', i.crc32, 'c2pa', i.c2pa, 'thumbhash', i.thumbhash) order by i.index) as images
        from kiln.images i where i.job_id = j.id
      ) kept
      where j.project_id = ${projectId} and j.request_key = wanted.key and j.status = 'succeeded'
        and j.request_key is not null and j.deleted_at is null and j.results_deleted_at is null
        and kept.here >= j.n and kept.in_trash = 0
      order by j.id desc limit ${limit}::int
    ) made`.execute(db);
  return Map.groupBy(rows, ({ requestKey }) => requestKey);
}

/** The jobs in the order of the ids. */
export async function listJobsById(
  db: Database,
  projectId: string,
  ids: readonly string[],
): Promise<JobRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('kiln.jobs')
    .select(listColumns)
    .where('project_id', '=', projectId)
    .where('id', 'in', ids)
    .execute();
  return rows.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
}

/** Those of the keys for which something was made before. */
export async function findKeysMadeBefore(
  db: Database,
  projectId: string,
  keys: readonly string[],
): Promise<Set<string>> {
  return new Set((await findMadeBefore(db, projectId, keys, 1)).keys());
}
