/**
 * Decisions of people about jobs that are held, or that have ended and are retried. Each is one
 * compare-and-set.
 */
import { sql } from 'kysely';
import type { JobStatusBefore } from '../../domain/job-state.ts';
import type { Routes } from '../../models/routes.ts';
import { writeEvents } from '../events/write-events.ts';
import { competingRoutes, nextTag } from './fair-tags.ts';
import type { Database } from '../database/open-records.ts';
import { currentRoute } from './routes.ts';

/**
 * Queues a job again if its status is one of `from` and it was not deleted; otherwise returns
 * false. Its cost and risk stay, and its attempts no longer count against its retries. It waits in
 * the route that serves its model now, after the other jobs of its flow, so that many retries take
 * turns with other flows.
 */
export async function requeueJob(
  db: Database,
  projectId: string,
  id: string,
  from: readonly JobStatusBefore<'queued'>[],
  routes: Routes,
): Promise<boolean> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with flow as (
      select ${currentRoute(routes)} as route, priority, coalesce(batch_id, project_id) as flow
        from kiln.jobs where project_id = ${projectId} and id = ${id}
    ), job as (
      update kiln.jobs set route = flow.route, fair_tag =
        ${nextTag(sql`flow`, competingRoutes(routes))}, status = 'queued', error = null,
          finished_at = null, available_at = clock_timestamp(),
        dispatched_at = null, cancel_requested_at = null, cancel_forced = false, crashes = 0,
          failed_runs = 0,
        retried_after_no = coalesce((select max(no) from kiln.attempts a where a.job_id = jobs.id),
          0)
      from flow where project_id = ${projectId} and id = ${id}
        and status = any(${[...from]}::text[]) and deleted_at is null
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.retrying')})
    select 1 from job`,
  );
  return rows.length > 0;
}

/** Fails a held job with the error that it was held for. False if it was not held. */
export async function failHeldJob(db: Database, projectId: string, id: string): Promise<boolean> {
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with job as (
      update kiln.jobs set status = 'failed', finished_at = clock_timestamp()
      where project_id = ${projectId} and id = ${id} and status = 'held'
      returning id, project_id, batch_id, status
    ), event as (${insert.job('job.failed')})
    select id from job`,
  );
  return rows.length > 0;
}
