/**
 * What there is to do at all, in one statement, so that a system at rest costs little. Each answer
 * is one step through an index or one for each route and pool, however many jobs there are.
 */
import { sql, type RawBuilder } from 'kysely';
import { needsWorker } from '../batches/batches.ts';
import { isDue } from '../bulk-actions/bulk-action-runs.ts';
import type { Database } from '../database/open-records.ts';
import { isWaiting } from './fair-tags.ts';

export interface OpenWork {
  /** A worker has not extended the lease of one of its jobs in time. */
  hasLapsed: boolean;
  /** The routes in which jobs wait to be dispatched. */
  waitingRoutes: string[];
  /** The pools that have jobs in their windows, and when the newest was dispatched. */
  dispatched: { pool: string; newest: number }[];
  hasBatches: boolean;
  hasBulkActions: boolean;
}

export async function findOpenWork(db: Database): Promise<OpenWork> {
  const dispatched = sql`status = 'queued' and dispatched_at is not null`;
  const { rows } = await sql<OpenWork>`
    select
      exists (select from kiln.jobs where status = 'in_progress'
        and lease_expires_at < clock_timestamp()) as "hasLapsed",
      ${distinct(sql.ref('route'), isWaiting)} as "waitingRoutes",
      (select coalesce(jsonb_agg(jsonb_build_object('pool', pool, 'newest', (
          select extract(epoch from max(dispatched_at)) from kiln.jobs
            where jobs.pool = each.pool and ${dispatched}))), '[]')
        from unnest(${distinct(sql.ref('pool'), dispatched)}) as each(pool)) as dispatched,
      exists (select from kiln.batches where ${needsWorker}) as "hasBatches",
      exists (select from kiln.bulk_actions where ${isDue}) as "hasBulkActions"`.execute(db);
  const [work] = rows;
  if (work === undefined) throw new Error('the database returned no row for a select without from');
  return work;
}

/** The values of an indexed column of jobs, each found by one step through the index. */
function distinct(column: RawBuilder<unknown>, condition: RawBuilder<unknown>) {
  return sql`array(
    with recursive line as (
      (select ${column} as value from kiln.jobs where ${condition} order by ${column} limit 1)
      union all
      select (select ${column} from kiln.jobs where ${column} > line.value and ${condition}
        order by ${column} limit 1)
      from line where line.value is not null)
    select value from line where value is not null)`;
}
