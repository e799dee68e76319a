/** What an image was made from, and what was made from it. */
import { sql } from 'kysely';
import type { JobStatus } from '../../domain/job-state.ts';
import type { ImageKey } from '../../schemas/gallery/image-id.ts';
import { toImageId } from '../../schemas/gallery/image-id.ts';
import type { Database } from '../database/open-records.ts';

/** The row of an image, as JSON in a column. */
export interface RelatedRow {
  job_id: string;
  index: number;
  format: string;
  thumbhash: string | null;
  width: number;
  height: number;
}

export interface DerivedJob {
  id: string;
  batch_id: string | null;
  status: JobStatus;
  images: RelatedRow[];
}

const relatedImage = sql`jsonb_build_object('job_id', i.job_id, 'index', i.index,
  'format', i.format, 'thumbhash', i.thumbhash, 'width', i.width, 'height', i.height)`;

/** Images in the trash are among them. */
export async function findRelated(
  db: Database,
  projectId: string,
  { jobId, index }: ImageKey,
): Promise<RelatedRow | null> {
  const { rows } = await sql<{ image: RelatedRow }>`
    select ${relatedImage} as image from kiln.images i
    where i.project_id = ${projectId} and i.job_id = ${jobId} and i.index = ${index}::int`.execute(
    db,
  );
  return rows[0]?.image ?? null;
}

/** Up to `limit` jobs that were made from the image, the newest first. */
export async function listDerived(
  db: Database,
  projectId: string,
  key: ImageKey,
  limit: number,
): Promise<DerivedJob[]> {
  const { rows } = await sql<DerivedJob>`
    select j.id, j.batch_id, j.status, coalesce((
      select jsonb_agg(${relatedImage} order by i.index) from kiln.images i where i.job_id = j.id
    ), '[]') as images
    from kiln.jobs j where j.derived_from = ${toImageId(key)} and j.project_id = ${projectId}
      and j.deleted_at is null
    order by j.id desc limit ${limit}::int`.execute(db);
  return rows;
}
