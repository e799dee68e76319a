/**
 * Where waiting jobs stand. Counting a million jobs takes a second, so that is done now and then,
 * with a mark at every 500th job of each route. The jobs between a mark and a job are counted on
 * request.
 */
import { sql } from 'kysely';
import { windowOrder } from './dispatches.ts';
import { isWaiting } from './fair-tags.ts';
import type { Database } from '../database/open-records.ts';

const marksEvery = 500;

/** The key of the order of dispatch. */
export interface OrderKey {
  priority: number;
  fair_tag: number;
  id: string;
}

export interface RouteMark extends OrderKey {
  route: string;
  /** Counts the jobs of the route up to this one, itself included. */
  queue_position: number;
  /** True at the last job of a priority; false for a mark before it. */
  is_last: boolean;
}

/** Reads the marks of the routes, in order. */
export async function readMarks(db: Database, routes: readonly string[]): Promise<RouteMark[]> {
  const { rows } = await sql<RouteMark>`
    select * from (
      select route, priority, fair_tag, id, row_number() over route_order as queue_position,
        lead(priority) over route_order is distinct from priority as is_last
      from kiln.jobs where ${isWaiting} and route = any(${[...routes]}::text[])
      window route_order as (partition by route order by priority, fair_tag, id)) as waiting
    where is_last or queue_position % ${sql.lit(marksEvery)} = 0
      order by route, queue_position`.execute(db);
  return rows;
}

/** The jobs of a route between two keys, both excluded. */
export interface CountedRange {
  route: string;
  after: OrderKey | null;
  before: OrderKey;
}

/** Counts the waiting jobs in each of the ranges. */
export async function countRanges(
  db: Database,
  ranges: readonly CountedRange[],
): Promise<number[]> {
  if (ranges.length === 0) return [];
  const rows = ranges.map(({ route, after, before }) => ({
    route,
    from_priority: after?.priority ?? -1,
    from_tag: after?.fair_tag ?? 0,
    from_id: after?.id ?? '',
    to_priority: before.priority,
    to_tag: before.fair_tag,
    to_id: before.id,
  }));
  const counted = await sql<{ count: number }>`
    select found.count::int
    from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (route text,
      from_priority smallint, from_tag float8, from_id text, to_priority smallint, to_tag float8,
        to_id text)) with ordinality
      as range(route, from_priority, from_tag, from_id, to_priority, to_tag, to_id, number)
    cross join lateral (
      select count(*) from kiln.jobs where jobs.route = range.route and ${isWaiting}
        and (priority, fair_tag, id) > (from_priority, from_tag, from_id)
        and (priority, fair_tag, id) < (to_priority, to_tag, to_id)) as found
    order by number`.execute(db);
  return counted.rows.map(({ count }) => count);
}

/**
 * Counts jobs that were dispatched and have not begun, by pool and priority.
 * @param except jobs that waited when they were read, and may have been dispatched since
 */
export async function countDispatched(
  db: Database,
  except: readonly string[],
): Promise<{ pool: string; priority: number; count: number }[]> {
  const { rows } = await sql<{ pool: string; priority: number; count: number }>`
    select pool, priority, count(*)::int as count from kiln.jobs
    where status = 'queued' and dispatched_at is not null and id <> all(${[...except]}::text[])
      group by pool, priority`.execute(db);
  return rows;
}

/**
 * For dispatched jobs that have not begun: counts the jobs of the same pool's window that start
 * before them.
 */
export async function countInWindow(
  db: Database,
  jobs: readonly { id: string; pool: string | null }[],
): Promise<Map<string, number>> {
  if (jobs.length === 0) return new Map();
  const [ids, pools] = [jobs.map(({ id }) => id), jobs.map(({ pool }) => pool)];
  const counted = await sql<{ id: string; queuePosition: number }>`
    select id, queue_position as "queuePosition" from (
      select id, (row_number() over (partition by pool order by ${windowOrder}) - 1)::int as
        queue_position from kiln.jobs
      where pool = any(${pools}::text[]) and status = 'queued'
        and dispatched_at is not null) as waiting
    where id = any(${ids}::text[])`.execute(db);
  return new Map(counted.rows.map(({ id, queuePosition }) => [id, queuePosition]));
}
