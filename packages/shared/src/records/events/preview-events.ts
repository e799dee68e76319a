/**
 * Previews: pictures of a job that is still being made. Each has an event and a notification, which
 * reach the waiting requests of every process.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';
import { writeEvents } from './write-events.ts';

/** A preview that is in the store. */
export interface Preview {
  jobId: string;
  /** The number of the attempt. */
  no: number;
  index: number;
  format: string;
}

/** Notified with each preview, in the transaction that writes its event. */
export const previewChannel = 'kiln_preview';

/** Writes the event of a preview, unless its job is no longer being executed. */
export async function recordPreviewEvent(db: Database, preview: Preview): Promise<void> {
  const { jobId, no, index, format } = preview;
  await writeEvents(
    db,
    (insert) => sql`
    with job as (
      select id, project_id, batch_id from kiln.jobs where id = ${jobId} and status = 'in_progress'
    ), event as (${insert.preview(preview)} returning job_id)
    select pg_notify(${previewChannel}, ${[jobId, no, index, format].join(' ')}) from event`,
  );
}

/**
 * Finds a preview by its event. Without `no`, it is that of the last attempt that sent one with
 * this index.
 */
export async function findPreview(
  db: Database,
  { jobId, index, no = null }: { jobId: string; index: number; no?: number | null | undefined },
): Promise<Preview | null> {
  const { rows } = await sql<Preview>`
    select job_id as "jobId", (data->>'attempt')::int as no, ${index}::int as index,
      data->>'output_format' as format
    from kiln.events
    where job_id = ${jobId} and position is not null and type = 'job.partial_image'
      and data->>'partial_image_index' = ${String(index)} and data ? 'output_format'
      and (${no}::int is null or data->>'attempt' = ${no}::text)
    order by position desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/** Parses the payload of a notification on `previewChannel`; null if it has another form. */
export function readPreview(payload: string): Preview | null {
  const [, jobId, no, index, format] = /^(job_\S+) (\d+) (\d+) (\w+)$/.exec(payload) ?? [];
  return jobId === undefined || format === undefined
    ? null
    : { jobId, no: Number(no), index: Number(index), format };
}
