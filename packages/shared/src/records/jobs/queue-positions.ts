/**
 * Where waiting jobs stand. Counting a million jobs takes a second, so that is done now and then,
 * with a mark at every 500th job of each route. The jobs between a mark and a job are counted on
 * request.
 */
import { sql } from 'kysely';
import type { Crowd } from '../../domain/crowd.ts';
import { windowOrder } from './dispatches.ts';
import { isWaiting, tagRank } from './fair-tags.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

const marksEvery = 500;

/** The key of the order of dispatch. */
export interface OrderKey {
  priority: number;
  fair_tag: number;
  id: string;
}

export interface RouteMark extends OrderKey {
  route: string;
  /** The jobs of the route up to this one, itself included. */
  crowd: Crowd;
  /** True at the last job of a priority; false for a mark before it. */
  is_last: boolean;
}

const tokensOfJob = sql`coalesce(tokens_estimated, 0)`;
/** The columns of a crowd, over the jobs of a group or of a window. */
const crowdColumns = (over = sql``) => sql`
  count(*) ${over}::int as jobs, (sum(n) ${over})::int as images,
  (sum(n * n) ${over})::int as "imageSquares", (sum(${tokensOfJob}) ${over})::float8 as tokens`;

function toCrowd({ jobs, images, imageSquares, tokens }: Crowd): Crowd {
  return { jobs, images: images ?? 0, imageSquares: imageSquares ?? 0, tokens: tokens ?? 0 };
}

/** Reads the marks of the routes, in order. */
export async function readMarks(db: Database, routes: readonly string[]): Promise<RouteMark[]> {
  const { rows } = await sql<OrderKey & Crowd & { route: string; is_last: boolean }>`
    select * from (
      select route, priority, fair_tag, id, ${crowdColumns(sql`over route_order`)},
        lead(priority) over route_order is distinct from priority as is_last
      from kiln.jobs where ${isWaiting} and route = any(${[...routes]}::text[])
      window route_order as (partition by route order by priority, fair_tag, id
        rows unbounded preceding)) as waiting
    where is_last or jobs % ${sql.lit(marksEvery)} = 0
      order by route, jobs`.execute(db);
  return rows.map((row) => ({
    route: row.route,
    priority: row.priority,
    fair_tag: row.fair_tag,
    id: row.id,
    is_last: row.is_last,
    crowd: toCrowd(row),
  }));
}

/** The jobs of a route between two keys, both excluded. */
export interface CountedRange {
  route: string;
  after: OrderKey | null;
  before: OrderKey;
}

/** Counts the waiting jobs in each of the ranges. */
export async function countRanges(db: Database, ranges: readonly CountedRange[]): Promise<Crowd[]> {
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
  const counted = await sql<Crowd>`
    select found.*
    from rows from (jsonb_to_recordset(${toStorableJson(rows)}::jsonb) as (route text,
      from_priority smallint, from_tag float8, from_id text, to_priority smallint, to_tag float8,
        to_id text)) with ordinality
      as range(route, from_priority, from_tag, from_id, to_priority, to_tag, to_id, number)
    cross join lateral (
      select ${crowdColumns()} from kiln.jobs where jobs.route = range.route and ${isWaiting}
        and (priority, fair_tag, id) > (from_priority, from_tag, from_id)
        and (priority, fair_tag, id) < (to_priority, to_tag, to_id)) as found
    order by number`.execute(db);
  return counted.rows.map(toCrowd);
}

/** Jobs of a pool that start before the ones in the records. */
export interface PoolCrowd {
  pool: string;
  priority: number;
  /** The rank of their tags (`domain/queue/tags.ts`). */
  rank: number;
  crowd: Crowd;
}

/**
 * Counts jobs that were dispatched and have not begun, by pool, priority and rank.
 * @param except jobs that waited when they were read, and may have been dispatched since
 */
export async function countDispatched(
  db: Database,
  except: readonly string[],
): Promise<PoolCrowd[]> {
  const { rows } = await sql<Crowd & Omit<PoolCrowd, 'crowd'>>`
    select pool, priority, ${tagRank} as rank, ${crowdColumns()} from kiln.jobs
    where status = 'queued' and dispatched_at is not null and id <> all(${[...except]}::text[])
      group by pool, priority, rank`.execute(db);
  return rows.map(toPoolCrowd);
}

/**
 * Counts jobs that a worker has claimed and that wait for their start, by pool and priority: they
 * start before all others of their priority.
 */
export async function countAtGates(db: Database): Promise<PoolCrowd[]> {
  const { rows } = await sql<Crowd & Omit<PoolCrowd, 'crowd'>>`
    select pool, priority, '-infinity'::float8 as rank, ${crowdColumns()} from kiln.jobs
    where status = 'in_progress' and not exists (select from kiln.attempts
      where attempts.job_id = jobs.id and attempts.status = 'in_flight')
    group by pool, priority`.execute(db);
  return rows.map(toPoolCrowd);
}

function toPoolCrowd(row: Crowd & Omit<PoolCrowd, 'crowd'>): PoolCrowd {
  return { pool: row.pool, priority: row.priority, rank: row.rank, crowd: toCrowd(row) };
}

/**
 * For dispatched jobs that have not begun: counts the jobs of the same pool's window that start
 * before them.
 */
export async function countInWindow(
  db: Database,
  jobs: readonly { id: string; pool: string | null }[],
): Promise<Map<string, Crowd>> {
  if (jobs.length === 0) return new Map();
  const [ids, pools] = [jobs.map(({ id }) => id), jobs.map(({ pool }) => pool)];
  const counted = await sql<Crowd & { id: string }>`
    select * from (
      select id, ${crowdColumns(sql`over before`)} from kiln.jobs
      where pool = any(${pools}::text[]) and status = 'queued' and dispatched_at is not null
      window before as (partition by pool order by ${windowOrder}
        rows between unbounded preceding and 1 preceding)) as waiting
    where id = any(${ids}::text[])`.execute(db);
  return new Map(counted.rows.map((row) => [row.id, toCrowd(row)]));
}
