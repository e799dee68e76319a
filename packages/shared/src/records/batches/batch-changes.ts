/**
 * Changes of batches that exist: name, metadata, priority, deadline, and running next.
 *
 * Problem: a batch has up to a million jobs, and each waiting one has a priority, a tag and an
 * expiry of its own. Approach: `changeBatch` changes the row of the batch only; a worker then goes
 * through the rows of the file, a thousand in a statement, and rows that are read later take over
 * what the batch has. Guarantee: each statement can be repeated, and a change that comes during a
 * pass begins the pass anew.
 */
import { sql } from 'kysely';
import { waitingBatchStatuses, type BatchChange } from '../../domain/batch-state.ts';
import { literals } from '../database/literals.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';
import { changedFields, writeEvents } from '../events/write-events.ts';
import { batchRunNextTag, isAskedToRunNext, nextTag, tagOfRow } from '../jobs/fair-tags.ts';
import { priorityOfBatch } from './batches.ts';

/** The fields to change; the others stay. */
export interface BatchChanges {
  name?: string | null;
  metadata?: Record<string, string>;
  priority?: 'interactive' | 'bulk';
  /** Null: the batch does not expire. */
  deadline?: Date | null;
  /** Its waiting jobs go before the others of their priority. */
  runsNext?: boolean;
}

/**
 * Changes the batch, with an event. False if it is not of the project, or has ended: priority,
 * deadline and turn change only while jobs of the batch wait or will.
 */
export async function changeBatch(
  db: Database,
  projectId: string,
  id: string,
  { name, metadata, priority, deadline, runsNext = false }: BatchChanges,
): Promise<boolean> {
  const changes: BatchChange[] = [
    ...(priority === undefined ? [] : ['priority' as const]),
    ...(deadline === undefined ? [] : ['deadline' as const]),
    ...(runsNext ? ['position' as const] : []),
  ];
  const changed = [
    ...(name === undefined ? [] : ['name']),
    ...(metadata === undefined ? [] : ['metadata']),
    ...changes,
  ];
  const set = [
    ...(name === undefined ? [] : [sql`name = ${name}`]),
    ...(metadata === undefined ? [] : [sql`metadata = ${toStorableJson(metadata)}::jsonb`]),
    ...(priority === undefined
      ? []
      : [sql`options = options || jsonb_build_object('priority', ${priority}::text)`]),
    ...(deadline === undefined ? [] : [sql`deadline_at = ${deadline}::timestamptz`]),
    ...(runsNext ? [sql`run_next_tag = ${batchRunNextTag}`] : []),
    ...(changes.length === 0
      ? []
      : [
          // A batch that is being validated has no jobs yet; they get what it has then.
          sql`changes = case when status = 'in_progress'
            then array(select unnest(changes || ${changes}::text[]) group by 1) else '{}' end`,
          sql`changed_row = 0`,
          sql`change_no = change_no + 1`,
        ]),
  ];
  const mayChange =
    changes.length === 0 ? sql`true` : sql`status in (${literals(waitingBatchStatuses)})`;
  const { rows } = await writeEvents(
    db,
    (insert) => sql`
    with batch as (
      update kiln.batches set ${sql.join(set)}
      where id = ${id} and project_id = ${projectId} and ${mayChange}
      returning id, project_id,
        kiln.batch_event_data(batches) || ${changedFields(changed)} as data
    ), event as (${insert.batch('batch.updated')})
    select from batch`,
  );
  return rows.length > 0;
}

/**
 * The job is to wait elsewhere. One that was asked to run next itself, does so before its batch.
 */
const isMoved = sql`(status = 'queued' and (batch.is_ordered and jobs.priority <> batch.priority
  or batch.is_first and jobs.priority = batch.priority and not ${isAskedToRunNext}
    and fair_tag <> ${tagOfRow(sql`batch`, sql`row_number`)}))`;

/** The job waits, or may wait again, and has not what the batch has. */
const differs = sql`(${isMoved} or status in ('queued', 'in_progress', 'held')
  and (batch.is_ordered and jobs.priority <> batch.priority
    or batch.is_dated and expires_at is distinct from batch.deadline_at))`;

/**
 * Gives the jobs of the next `limit` rows what the batch has now, and records how far that has
 * come; `changes` of the batch is empty after the last ones. A pass does not wait for a job that
 * is being dispatched, claimed or ended at this moment: it goes on from there the next time. A job
 * in a window leaves it, because the queue engine would start it by its old turn; only one that
 * rests before a retry stays there.
 */
export async function applyChanges(
  db: Database,
  batchId: string,
  limit: number,
  competing: string,
): Promise<void> {
  await sql`
    with batch as materialized (
      select id, deadline_at, changed_row, change_no, run_next_tag, ${priorityOfBatch} as priority,
        'priority' = any(changes) as is_ordered, 'deadline' = any(changes) as is_dated,
        'position' = any(changes) as is_first
      from kiln.batches where id = ${batchId} and changes <> '{}'
    ), page as materialized (
      select jobs.id, jobs.row_number from batch cross join lateral (
        select id, row_number from kiln.jobs where batch_id = batch.id
          and row_number > batch.changed_row
        order by row_number limit ${limit}::int) as jobs
    ), wanted as materialized (
      select jobs.id, row_number from batch, kiln.jobs
      where jobs.id = any(array(select id from page)) and ${differs}
    ), due as materialized (
      select jobs.id, route, batch.priority, batch.id as flow, row_number,
        ${isMoved} as is_moved
      from batch, kiln.jobs where jobs.id = any(array(select id from wanted)) and ${differs}
      for update of jobs skip locked
    ), held_up as (
      select min(row_number) as row from wanted where id <> all(array(select id from due))
    ), flow as materialized (
      select *, ${nextTag(sql`flow`, competing)} as tag from (select distinct route, priority, flow
        from due where is_moved) as flow
    ), placed as (
      select due.id, due.is_moved, coalesce(${tagOfRow(sql`batch`, sql`row_number`)},
        tag + row_number() over (partition by route, due.priority, flow order by row_number) - 1)
          as fair_tag
      from due left join flow using (route, priority, flow) cross join batch
    ), changed as (
      update kiln.jobs set
        priority = case when batch.is_ordered then batch.priority else jobs.priority end,
        expires_at = case when batch.is_dated then batch.deadline_at else expires_at end,
        fair_tag = case when is_moved then placed.fair_tag else jobs.fair_tag end,
        -- The number makes the work item of the old dispatch stale.
        dispatch_no = dispatch_no + (is_moved and dispatched_at is not null
          and available_at <= clock_timestamp())::int,
        dispatched_at = case when is_moved and available_at <= clock_timestamp() then null
          else dispatched_at end
      from placed, batch where jobs.id = placed.id
    ), over as (
      select id, change_no,
        coalesce(held_up.row - 1, (select max(row_number) from page)) as last_row,
        held_up.row is null and (select count(*) from page) < ${limit}::int as is_over
      from batch, held_up
    )
    update kiln.batches set changed_row = coalesce(over.last_row, batches.changed_row),
      changes = case when over.is_over then '{}' else batches.changes end
    -- Another change may have come meanwhile: the pass begins anew.
    from over where batches.id = over.id and batches.change_no = over.change_no`.execute(db);
}
