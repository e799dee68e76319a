/**
 * Settles jobs with images that were made before, in the transaction that writes the jobs, so that
 * no worker ever sees them wait. They have no attempt and cost nothing; counts of batches, events
 * and webhooks follow as from any settlement.
 */
import { sql } from 'kysely';
import type { Chosen } from '../../schemas/job.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { writeEvents } from '../events/write-events.ts';
import { imagesOfJob, jobColumnsOfImages } from '../images/kept-images.ts';
import type { ReusableImage } from './made-before.ts';

/** Attempts are numbered from 1, so the keys of reused images have a number of their own. */
export const reusedAttemptNo = 0;

export interface ReusedJob {
  jobId: string;
  /** The job whose images these were. */
  from: string;
  chosen: Chosen | null;
  /** Copies; their objects are in the store. */
  images: readonly ReusableImage[];
}

/** `db` is a transaction of `transactionWithEvents`. */
export async function settleReused(db: Database, reused: readonly ReusedJob[]): Promise<void> {
  if (reused.length === 0) return;
  const records = reused.map(({ jobId, ...others }) => ({ job_id: jobId, ...others }));
  await writeEvents(
    db,
    (insert) => sql`
    with reused as (
      select * from jsonb_to_recordset(${toStorableJson(records)}::jsonb)
        as reused(job_id text, "from" text, chosen jsonb, images jsonb)
    ), job as (
      update kiln.jobs set status = 'succeeded', started_at = clock_timestamp(),
        finished_at = clock_timestamp(), error = null, reused_from = reused."from",
        cost_actual_micros = 0, chosen = reused.chosen, parked = false
      from reused where jobs.id = reused.job_id and jobs.status = 'queued'
        and jobs.attempts_made = 0
      returning jobs.id, jobs.project_id, jobs.batch_id, jobs.status,
        ${sql.lit(reusedAttemptNo)} as attempt_no, reused.images,
        ${jobColumnsOfImages},
        jobs.request ? 'composite' as has_composite
    ), image as (${imagesOfJob}
    ), composite as (
      insert into kiln.composites (job_id, index, attempt_no)
      select job.id, i.index, job.attempt_no
      from job, jsonb_to_recordset(job.images) as i(index int) where job.has_composite
    ), event as (${insert.job('job.succeeded')})
    select from job`,
  );
  // A statement does not see the rows that its own parts insert.
  await sql`
    update kiln.images i set thumbhash = made.thumbhash
    from jsonb_to_recordset(${toStorableJson(toThumbhashes(reused))}::jsonb)
      as made(job_id text, index int, thumbhash text)
    where i.job_id = made.job_id and i.index = made.index`.execute(db);
}

function toThumbhashes(reused: readonly ReusedJob[]) {
  return reused.flatMap(({ jobId, images }) =>
    images.map(({ index, thumbhash }) => ({ job_id: jobId, index, thumbhash })),
  );
}
