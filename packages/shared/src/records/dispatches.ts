/** The window: which queued jobs have been handed to the queue engine. */
import { sql } from 'kysely';
import type { Database } from './open-records.ts';

export interface Dispatch {
  id: string;
  dispatchNo: number;
  priority: number;
  requestId: string;
}

/**
 * Marks the next jobs of a pool as dispatched, as many as its window has room for, in fair order: interactive before bulk, then the
 * fair-share tag, then age. Jobs of a deployment that is configured no longer stay where they are. Any number of dispatchers may run: none takes a job that another is taking.
 */
export async function takeWindow(
  db: Database,
  pool: { name: string; deployments: readonly string[] },
  window: number,
): Promise<Dispatch[]> {
  const { rows } = await sql<Dispatch>`
    with room as (
      select ${window}::int - count(*)::int as free from (
        select 1 from kiln.jobs where pool = ${pool.name} and status = 'queued' and dispatched_at is not null limit ${window}::int) as out
    ), next as (
      select id from kiln.jobs where pool = ${pool.name} and status = 'queued' and dispatched_at is null
        and deployment = any(${[...pool.deployments]}::text[])
      order by priority, fair_tag, id limit greatest(0, (select free from room)) for update skip locked
    ), taken as (
      update kiln.jobs set dispatched_at = clock_timestamp(), dispatch_no = dispatch_no + 1
      where id = any(array(select id from next)) -- a join would read the whole table: the planner does not know how few these are
      returning id, dispatch_no, priority, request_id, fair_tag
    )
    select id, dispatch_no as "dispatchNo", priority, request_id as "requestId" from taken order by priority, fair_tag, id`.execute(
    db,
  );
  return rows;
}

/** Takes dispatches back that the engine did not get or has lost; a later one of the same job is left alone. */
export async function returnDispatches(
  db: Database,
  dispatches: readonly { id: string; dispatchNo: number }[],
): Promise<number> {
  if (dispatches.length === 0) return 0;
  const result = await sql`
    update kiln.jobs set dispatched_at = null
    from jsonb_to_recordset(${JSON.stringify(dispatches)}::jsonb) as lost(id text, "dispatchNo" int)
    where jobs.id = lost.id and jobs.dispatch_no = lost."dispatchNo" and jobs.status = 'queued'`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/** The dispatches of a pool that were made at least `settledMs` ago and not claimed: those an engine must still hold. */
export async function listDispatches(
  db: Database,
  pool: string,
  settledMs: number,
): Promise<{ id: string; dispatchNo: number }[]> {
  const { rows } = await sql<{ id: string; dispatchNo: number }>`
    select id, dispatch_no as "dispatchNo" from kiln.jobs
    where pool = ${pool} and status = 'queued' and dispatched_at < clock_timestamp() - ${settledMs} * interval '1 millisecond'`.execute(
    db,
  );
  return rows;
}
