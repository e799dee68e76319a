/** Events are written by the statement that makes the change they tell of, so that none is ever lost or told too early. */
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Database } from './open-records.ts';

type JobEventType =
  | 'job.created'
  | 'job.started'
  | 'job.retrying'
  | 'job.held'
  | 'job.succeeded'
  | 'job.failed'
  | 'job.cancelled'
  | 'job.expired';

/**
 * The insert for the jobs of a CTE named `job` that returns id, project_id, batch_id and status. Its data is thin: no prompt, no bytes.
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

/** The only event without a change of its own: a preview is in the store. Not told any more where its job is in nobody's hands. */
export async function tellPreview(
  db: Database,
  { jobId, no }: { jobId: string; no: number },
  index: number,
): Promise<void> {
  await sql`
    insert into kiln.events (project_id, type, job_id, batch_id, data)
    select project_id, 'job.partial_image', id, batch_id,
      jsonb_build_object('id', id, 'attempt', ${no}::int, 'partial_image_index', ${index}::int)
    from kiln.jobs where id = ${jobId} and status = 'in_progress'`.execute(db);
}
