/**
 * Fair order: start-time fair queueing (Goyal, Vin, Cheng 1996) over stored tags. A flow is a
 * batch, or what a project submits job by job. A job's tag is one more than its flow's last, but
 * never below the virtual time: the lowest tag that waits. So flows that wait together take turns,
 * and one that comes later takes its turn at once, however long the others are. A tag is given
 * once, by two reads of an index; dispatching is by index order alone.
 *
 * Nothing but the waiting jobs is remembered: a flow without any is owed nothing, and with none at
 * all tags begin at 0 again.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Routes } from '../../models/routes.ts';

/**
 * The tag of a job that was dispatched and came back: its turn had come, so it goes first in its
 * class. It says nothing about the virtual time, which is counted from 0.
 */
export const returnedTag = sql`-1`;

/** Queued, in no pool's window, and not of a batch that is paused. */
export const isWaiting = sql`status = 'queued' and dispatched_at is null and not parked`;

/** By route, as JSON: the routes whose jobs compete with its own for a pool's starts. */
export function competingRoutes(routes: Routes): string {
  return JSON.stringify(
    Object.fromEntries(routes.all.map((route) => [route, routes.competingRoutes(route)])),
  );
}

/**
 * The lowest tag that waits: in the route itself, as one beside it may be stuck far behind; where
 * nothing waits there, in those beside it.
 */
function virtualTime(flow: RawBuilder<unknown>, competing: string) {
  const lowest = (route: RawBuilder<unknown>) => sql`(select fair_tag from kiln.jobs
    where jobs.route = ${route} and jobs.priority = ${flow}.priority and ${isWaiting}
      and fair_tag >= 0
    order by fair_tag limit 1)`;
  return sql`coalesce(${lowest(sql`${flow}.route`)}, (
    select min(head.fair_tag) from jsonb_array_elements_text(coalesce(${competing}::jsonb ->
      ${flow}.route, '[]')) as beside(route)
    cross join lateral ${lowest(sql`beside.route`)} as head), 0)`;
}

/**
 * The tag of a flow's next job. @param flow a relation with the columns route, priority and flow
 */
export function nextTag(flow: RawBuilder<unknown>, competing: string) {
  return sql`greatest(${virtualTime(flow, competing)}, (
    select fair_tag + 1 from kiln.jobs
    where jobs.route = ${flow}.route and jobs.priority = ${flow}.priority and coalesce(batch_id,
      project_id) = ${flow}.flow
      and ${isWaiting} order by fair_tag desc limit 1))`;
}
