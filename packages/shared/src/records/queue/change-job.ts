/** Changes a job that exists: its metadata, and its priority while it waits. */
import { sql } from 'kysely';
import { competingRoutes, nextTag } from '../jobs/fair-tags.ts';
import type { Routes } from '../../models/routes.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { writeEvents } from '../events/write-events.ts';

/** The fields to change; the others stay. */
export interface JobChanges {
  metadata?: Record<string, string>;
  /** 0 interactive, 1 bulk. */
  priority?: number;
}

/**
 * Changes the job, with an event. False if it was deleted, or is not of the project: its priority
 * changes only while it is queued. Another priority puts it behind the jobs of its flow that have
 * it. A job in a window leaves it for that, and is dispatched again at once: the number of its
 * dispatch makes the old work item stale. Only a job that rests before a retry stays there.
 */
export async function changeJob(
  db: Database,
  projectId: string,
  id: string,
  { metadata, priority }: JobChanges,
  routes: Routes,
): Promise<boolean> {
  const isMoved = sql`jobs.priority <> flow.priority`;
  const leaves = sql`(${isMoved} and available_at <= clock_timestamp())`;
  const set = [
    ...(metadata === undefined ? [] : [sql`metadata = ${toStorableJson(metadata)}::jsonb`]),
    ...(priority === undefined
      ? []
      : [
          sql`priority = flow.priority`,
          sql`fair_tag = case when ${isMoved}
            then ${nextTag(sql`flow`, competingRoutes(routes))} else jobs.fair_tag end`,
          sql`dispatch_no = dispatch_no + (dispatched_at is not null and ${leaves})::int`,
          sql`dispatched_at = case when ${leaves} then null else dispatched_at end`,
        ]),
  ];
  const mayChange = sql`${priority === undefined ? sql`` : sql`status = 'queued' and`}
    deleted_at is null`;
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with flow as (
      select route, coalesce(${priority ?? null}::smallint, priority) as priority,
        coalesce(batch_id, project_id) as flow
      from kiln.jobs where project_id = ${projectId} and id = ${id}
    ), job as (
      update kiln.jobs set ${sql.join(set)} from flow
      where project_id = ${projectId} and id = ${id} and ${mayChange}
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.updated')})
    select id from job`,
  );
  return rows.length > 0;
}
