/**
 * Fair order: start-time fair queueing (Goyal, Vin, Cheng 1996) over stored tags. A flow is a
 * batch, or what a project submits job by job. A job's tag is one more than its flow's last, but
 * never below the virtual time: the lowest tag that waits. So flows that wait together take turns,
 * and a later one takes its first turn at once, however long the others are. A job gets its tag
 * once, by two reads of an index; dispatching follows the index.
 *
 * Only waiting jobs count: a flow gets no credit for a time when none of its jobs waited, and if no
 * job waits at all, tags begin at 0 again.
 */
import { sql, type RawBuilder } from 'kysely';
import { jobsNextBelow, returnedTag, tagRanks } from '../../domain/queue/tags.ts';
import type { Routes } from '../../models/routes.ts';
import { toStorableJson } from '../database/storable-json.ts';

/**
 * The tag of a job that was dispatched and comes back: it goes before the jobs that take turns. The
 * virtual time, which is never below 0, ignores it. A job that was asked to run next stays so.
 */
export const tagOfReturned = sql`least(fair_tag, ${sql.lit(returnedTag)})`;

/**
 * The tag of a job that is asked to run next, and the one that the rows of such a batch begin with:
 * lower than all that were given before. The virtual time ignores them, too.
 */
export const runNextTag = sql`(nextval('kiln.run_next_tags')
  + ${sql.lit(jobsNextBelow)})::float8`;
export const batchRunNextTag = sql`nextval('kiln.run_next_tags')::float8`;

/** Whether the job itself was asked to run next, not its batch. */
export const isAskedToRunNext = sql`(jobs.fair_tag < ${sql.lit(jobsNextBelow)})`;

/**
 * The tag of a row of a batch that runs next: rows keep their order. Null while the batch takes
 * turns with others.
 */
export function tagOfRow(batch: RawBuilder<unknown>, rowNumber: RawBuilder<unknown>) {
  return sql`(${batch}.run_next_tag + ${rowNumber} / ${sql.lit(2 ** 31)}::float8)`;
}

/** `rankOfTag` of `domain/queue/tags.ts`. */
export const tagRank = sql`(case when fair_tag < ${sql.lit(jobsNextBelow)} then fair_tag
  when fair_tag < ${sql.lit(returnedTag)} then ${sql.lit(tagRanks.batch_next)}
  else least(fair_tag, ${sql.lit(tagRanks.fair)}) end)`;

/** The job is queued, in no pool's window, and not of a paused batch. */
export const isWaiting = sql`status = 'queued' and dispatched_at is null and not parked`;

/** The routes whose jobs compete for a pool's starts, by route, as JSON. */
export function competingRoutes(routes: Routes): string {
  return toStorableJson(
    Object.fromEntries(routes.all.map((route) => [route, routes.competingRoutes(route)])),
  );
}

/**
 * The lowest tag that waits in the route itself, because a competing route may be far behind; if
 * nothing waits there, the lowest in the competing routes.
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
 * The tag of a flow's next job.
 * @param flow a relation with the columns route, priority and flow
 */
export function nextTag(flow: RawBuilder<unknown>, competing: string) {
  return sql`greatest(${virtualTime(flow, competing)}, (
    select fair_tag + 1 from kiln.jobs
    where jobs.route = ${flow}.route and jobs.priority = ${flow}.priority and coalesce(batch_id,
      project_id) = ${flow}.flow
      and ${isWaiting} order by fair_tag desc limit 1))`;
}

/**
 * The CTE `placed` (id, fair_tag): places for the jobs of the CTE `back`, which has the columns
 * id, route, priority, flow and row_number. The jobs of each flow wait in the order of their rows,
 * as if they were new.
 */
export function placesOf(competing: string) {
  return sql`
    flow as materialized (
      select *, ${nextTag(sql`flow`, competing)} as tag from (select distinct route, priority, flow
        from back) as flow
    ), placed as (
      select id, tag + row_number() over (partition by route, priority, flow
        order by row_number) - 1 as fair_tag
      from back join flow using (route, priority, flow)
    )`;
}
