/**
 * Events are written by the statement that makes the change they tell of, so that none is ever lost
 * or told too early. They can be read once they have a position in the order of all
 * (`event-log.ts`). `batch.progress` is written there.
 */
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { EventType } from '../../schemas/event.ts';
import type { Database } from '../database/open-records.ts';

type JobEventType = Extract<EventType, `job.${string}`>;
export type BatchEventType = Exclude<Extract<EventType, `batch.${string}`>, 'batch.progress'>;

/**
 * The insert for the jobs of a CTE named `job` that returns id, project_id, batch_id and status.
 * Its data is thin: no prompt, no bytes.
 * @param type an event type, or SQL that computes one from the row
 */
export function insertJobEvent(
  type: JobEventType | RawBuilder<string>,
  where: RawBuilder<unknown> = sql`true`,
) {
  return sql`
    insert into kiln.events (project_id, type, job_id, batch_id, data)
    select project_id, ${type}, id, batch_id, jsonb_build_object('id', id, 'status', status, 'batch_id', batch_id)
    from job where ${where}`;
}

/**
 * The insert for the batch of a CTE named `batch` that returns id, project_id and data
 * (`kiln.batch_event_data`).
 */
export function insertBatchEvent(type: BatchEventType) {
  return sql`
    insert into kiln.events (project_id, type, batch_id, data) select project_id, ${type}, id, data from batch`;
}

/** Of a job that is being made, as it was told. */
export interface Preview {
  jobId: string;
  /** Of the attempt. */
  no: number;
  index: number;
  format: string;
}

/** Notified with each preview, in the transaction that tells of it. */
export const previewChannel = 'kiln_preview';

/**
 * The only event without a change of its own: a preview is in the store. Not told any more where
 * its job is in nobody's hands.
 */
export async function recordPreviewEvent(db: Database, preview: Preview): Promise<void> {
  const { jobId, no, index, format } = preview;
  await sql`
    with told as (
      insert into kiln.events (project_id, type, job_id, batch_id, data)
      select project_id, 'job.partial_image', id, batch_id,
        jsonb_build_object('id', id, 'attempt', ${no}::int, 'partial_image_index', ${index}::int)
      from kiln.jobs where id = ${jobId} and status = 'in_progress'
      returning job_id
    )
    select pg_notify(${previewChannel}, ${[jobId, no, index, format].join(' ')}) from told`.execute(
    db,
  );
}

/** The payload of a notification on `previewChannel`; null for one that is not. */
export function readPreview(payload: string): Preview | null {
  const [, jobId, no, index, format] = /^(job_\S+) (\d+) (\d+) (\w+)$/.exec(payload) ?? [];
  return jobId === undefined || format === undefined
    ? null
    : { jobId, no: Number(no), index: Number(index), format };
}
