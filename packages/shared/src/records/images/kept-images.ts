/** The rows of the images of an answer, which the settlement of its job writes. */
import { sql } from 'kysely';
import { editsEndpoint } from '../../domain/endpoints.ts';

/** An image of an answer; its object is in the store. */
export interface KeptImage {
  index: number;
  object_key: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  crc32: number;
  /** The bytes hold a C2PA manifest. Null: Kiln does not look in this format. */
  c2pa: boolean | null;
}

/** Columns of the rows `job` that `imagesOfJob` reads, apart from those of its caller. */
export const jobColumnsOfImages = sql.raw(
  'jobs.model, jobs.endpoint, jobs.derived_from, cost_actual_micros',
);

/**
 * Inserts `job.images`, a list of `KeptImage`, for each row `job`. What the wall shows and filters
 * by is copied from the job.
 */
export const imagesOfJob = sql`
  insert into kiln.images (job_id, index, project_id, attempt_no, object_key, format, width, height,
    bytes, sha256, crc32, batch_id, model, edited, derived, cost_micros, c2pa)
  select job.id, i.index, job.project_id, job.attempt_no, i.object_key, i.format, i.width, i.height,
    i.bytes, i.sha256, i.crc32, job.batch_id, job.model, job.endpoint = ${sql.lit(editsEndpoint)},
    job.derived_from is not null,
    kiln.share_of(job.cost_actual_micros, row_number() over (partition by job.id order by i.index),
      jsonb_array_length(job.images)), i.c2pa
  from job, jsonb_to_recordset(job.images)
    as i(index int, object_key text, format text, width int, height int, bytes bigint, sha256 text,
      crc32 bigint, c2pa boolean)`;
