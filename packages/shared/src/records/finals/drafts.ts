/**
 * Reads images as drafts: with the job that made them, because a final repeats its request. Images
 * in the trash and deleted jobs are none.
 */
import { sql, type RawBuilder } from 'kysely';
import { formatImageId, type ImageRef } from '../../domain/gallery/image-id.ts';
import type { StoredJobRequest } from '../../schemas/job-request.ts';
import type { Database } from '../database/open-records.ts';

/** An image that can be the source of an edit. */
export interface SourceImage {
  jobId: string;
  index: number;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  objectKey: string;
}

export interface DraftRow extends SourceImage {
  model: string;
  /** All of it, with `provider_options`. */
  request: StoredJobRequest;
  metadata: Record<string, string>;
  customId: string | null;
  filename: string | null;
  batchId: string | null;
  row: number | null;
}

export type DraftFilter = (
  | { images: readonly ImageRef[] }
  | { jobs: readonly string[] }
  | { ratingMin: number }
  | { starred: true }
  /** A condition on `i`, the row of the image. */
  | { matches: RawBuilder<boolean> }
) & {
  batchId?: string | undefined;
  /** One row for each job, with its first image. */
  firstOfJob?: boolean;
};

const imageColumns = sql.raw(`i.job_id as "jobId", i.index, i.format, i.width, i.height, i.bytes,
  i.sha256, i.object_key as "objectKey"`);

/** Up to `limit` drafts after `after`, in the order of their jobs. */
export async function listDrafts(
  db: Database,
  projectId: string,
  filter: DraftFilter,
  { after, limit }: { after: ImageRef | null; limit: number },
): Promise<DraftRow[]> {
  const { jobId, index } = after ?? { jobId: '', index: -1 };
  const { rows } = await sql<DraftRow>`
    select ${imageColumns}, j.model, j.request, j.metadata, j.custom_id as "customId", j.filename,
      j.batch_id as "batchId", j.row_number as row
    from kiln.images i join kiln.jobs j on j.id = i.job_id
    where i.project_id = ${projectId} and i.trashed_at is null and j.deleted_at is null
      and (i.job_id, i.index) > (${jobId}, ${index}::int) and ${conditionOf(filter)}
    order by i.job_id, i.index limit ${limit}::int`.execute(db);
  return rows;
}

function conditionOf(filter: DraftFilter): RawBuilder<boolean> {
  const conditions = [choiceOf(filter)];
  if (filter.batchId !== undefined) conditions.push(sql`i.batch_id = ${filter.batchId}`);
  if (filter.firstOfJob === true)
    conditions.push(sql`not exists (select from kiln.images earlier where earlier.job_id = i.job_id
      and earlier.index < i.index and earlier.trashed_at is null)`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

function choiceOf(filter: DraftFilter): RawBuilder<unknown> {
  if ('images' in filter) return isOneOf(filter.images);
  if ('jobs' in filter) return sql`i.job_id = any(${[...filter.jobs]}::text[])`;
  if ('ratingMin' in filter)
    return sql`i.rating is not null and i.rating >= ${filter.ratingMin}::smallint`;
  if ('starred' in filter) return sql`i.starred`;
  return filter.matches;
}

function isOneOf(images: readonly ImageRef[]): RawBuilder<unknown> {
  return sql`(i.job_id, i.index) in (select * from unnest(
    ${images.map(({ jobId }) => jobId)}::text[], ${images.map(({ index }) => index)}::int[]))`;
}

/** Finds those of the images that exist, by their ids. */
export async function findSourceImages(
  db: Database,
  projectId: string,
  images: readonly ImageRef[],
): Promise<Map<string, SourceImage>> {
  if (images.length === 0) return new Map();
  const { rows } = await sql<SourceImage>`
    select ${imageColumns} from kiln.images i
    where i.project_id = ${projectId} and i.trashed_at is null and ${isOneOf(images)}`.execute(db);
  return new Map(rows.map((row) => [formatImageId(row.jobId, row.index), row]));
}

/** The request of a job of a batch, for the estimate of the whole batch. */
export interface RowOfBatch {
  row: number;
  model: string;
  request: StoredJobRequest;
}

/** Up to `limit` jobs of a batch after row `after`; deleted ones have no request any more. */
export async function listRowsOfBatch(
  db: Database,
  batchId: string,
  { after, limit }: { after: number; limit: number },
): Promise<RowOfBatch[]> {
  const { rows } = await sql<RowOfBatch>`
    select row_number as row, model, request from kiln.jobs
    where batch_id = ${batchId} and row_number > ${after}::int and deleted_at is null
    order by row_number limit ${limit}::int`.execute(db);
  return rows;
}
