/** Changes a job that exists: its metadata, and while it waits its priority and its turn. */
import { sql } from 'kysely';
import { competingRoutes, nextTag, runNextTag } from '../jobs/fair-tags.ts';
import type { Routes } from '../../models/routes.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { changedFields, writeEvents } from '../events/write-events.ts';

/** The fields to change; the others stay. */
export interface JobChanges {
  metadata?: Record<string, string>;
  /** 0 interactive, 1 bulk. */
  priority?: number;
  /** The job becomes interactive and goes before all others. */
  runsNext?: boolean;
}

/**
 * Changes the job, with an event. False if it was deleted, or is not of the project: priority and
 * turn change only while it is queued, and the turn only while its batch is not paused. Another
 * priority puts it behind the jobs of its flow that have it.
 *
 * A job in a window leaves it for that, and is dispatched again at once: the number of its dispatch
 * makes the old work item stale. With another priority, a job that rests before a retry stays
 * there. One that runs next leaves it all the same: its old work item would wait behind others
 * after the rest.
 */
export async function changeJob(
  db: Database,
  projectId: string,
  id: string,
  { metadata, priority, runsNext = false }: JobChanges,
  routes: Routes,
): Promise<boolean> {
  const isOrdered = priority !== undefined || runsNext;
  const isMoved = sql`jobs.priority <> flow.priority`;
  const leaves = runsNext ? sql`true` : sql`(${isMoved} and available_at <= clock_timestamp())`;
  const tag = runsNext
    ? runNextTag
    : sql`case when ${isMoved} then ${nextTag(sql`flow`, competingRoutes(routes))}
        else jobs.fair_tag end`;
  const set = [
    ...(metadata === undefined ? [] : [sql`metadata = ${toStorableJson(metadata)}::jsonb`]),
    ...(!isOrdered
      ? []
      : [
          sql`priority = flow.priority`,
          sql`fair_tag = ${tag}`,
          sql`dispatch_no = dispatch_no + (dispatched_at is not null and ${leaves})::int`,
          sql`dispatched_at = case when ${leaves} then null else dispatched_at end`,
        ]),
  ];
  const mayChange = [
    sql`deleted_at is null`,
    ...(isOrdered ? [sql`status = 'queued'`] : []),
    ...(runsNext ? [sql`not parked`] : []),
  ];
  const changed = [
    ...(metadata === undefined ? [] : ['metadata']),
    ...(priority === undefined ? [] : ['priority']),
    ...(runsNext ? ['position'] : []),
  ];
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with flow as (
      select route, coalesce(${runsNext ? 0 : (priority ?? null)}::smallint, priority) as priority,
        coalesce(batch_id, project_id) as flow
      from kiln.jobs where project_id = ${projectId} and id = ${id}
    ), job as (
      update kiln.jobs set ${sql.join(set)} from flow
      where project_id = ${projectId} and id = ${id}
        and ${sql.join(mayChange, sql` and `)}
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.updated', sql`true`, changedFields(changed))})
    select id from job`,
  );
  return rows.length > 0;
}
