/**
 * The dispatch window: which waiting jobs are in the queue engine, and in which pool's queue. A
 * pool takes jobs from its routes in fair order, as many as it will start in about a minute, so
 * that most jobs can still be cancelled, paused and re-ordered. A job of a shared route moves to
 * the pool that will start it first. Starting jobs is the pool guard's part. Used by
 * `services/dispatch/`.
 */
import { sql, type RawBuilder } from 'kysely';
import { isWaiting, tagOfReturned, tagRank } from './fair-tags.ts';
import type { Database } from '../database/open-records.ts';
import { toStorableJson } from '../database/storable-json.ts';

export interface Dispatch {
  id: string;
  dispatchNo: number;
  priority: number;
  requestId: string;
  /** Says when its turn comes among the jobs of its priority (`domain/queue/tags.ts`). */
  fairTag: number;
}

/** A pool and the routes it takes from. */
export interface PoolRoutes {
  name: string;
  routes: readonly {
    route: string;
    /** The deployments of the pool that serve the route. */
    deployments: readonly string[];
    /** Other pools take from the route as well. */
    isShared: boolean;
  }[];
  /** The pools that share a route with this one. */
  sharers: readonly string[];
  /** The pool takes no job that is heavier than its minute. Null or absent: it takes any. */
  ipm?: number | null;
  tpm?: number | null;
}

/**
 * A pool that is closed for longer than this leaves the jobs of shared routes to the other pools.
 */
const closedMs = 5_000;
/** The most images that a job may ask for. */
const mostImages = 10;
const isClosed = sql`(paused_by is not distinct from 'operator'
  or coalesce(blocked_until > clock_timestamp() + ${sql.lit(closedMs)} * interval '1 millisecond',
    false))`;
/** When a pool would start a job behind so many others of this weight together. */
function startsAt(
  pool: 'pool' | 'other',
  { starts, images, tokens }: Record<string, RawBuilder<unknown>>,
) {
  const of = (column: string) => sql.ref(`${pool}.${column}`);
  return sql`${of('ready_at')} + greatest(${starts} * ${of('interval_ms')},
    ${images} * ${of('image_ms')}, ${tokens} * ${of('token_ms')})
    / ${of('pace_share')} * interval '1 millisecond'`;
}
/**
 * All pools use one reading of the clock, so if two pools are ready now, neither counts as earlier.
 */
const readyAt = sql`case when paused_by = 'operator' then 'infinity' else greatest(now(),
  next_start_at, case when image_ms is not null then next_image_at end,
  case when token_ms is not null then next_token_at end, blocked_until) end`;

/**
 * `open_route`: the routes that a pool may take from now. It leaves a route alone while all its
 * deployments for the route are paused, and while the pool is closed and another one serves the
 * route. `paused_models`: the models that all its deployments for the route refuse; their jobs stay
 * where they are, except one at a time that probes.
 */
function openRoutes({ name, routes }: PoolRoutes) {
  return sql`
    pool as (
      select *, ${isClosed} as is_closed, ${readyAt} as ready_at
        from kiln.pools where name = ${name}
    ), open_route as (
      select route, names.deployments, array(
        select paused.model from kiln.paused_models paused
        where paused.deployment = any(names.deployments) group by paused.model
        having count(*) >= (select count(*) from unnest(names.deployments) as deployment(name)
          where not exists (select from kiln.paused_deployments paused
            where paused.name = deployment.name))) as paused_models
      from pool, jsonb_to_recordset(${toStorableJson(routes)}::jsonb) as
        served(route text, deployments jsonb, "isShared" boolean),
        lateral (select array(select jsonb_array_elements_text(served.deployments)) as deployments)
          as names
      where case when pool.is_closed then not served."isShared" when pool.paused_by = 'fault'
        then true else exists (
        select from jsonb_array_elements_text(served.deployments) as deployment(name)
          where not exists (
          select from kiln.paused_deployments paused where paused.name = deployment.name
            and paused.paused_until > clock_timestamp())) end
    )`;
}

/** Selects the jobs that fit into a minute of the pool; the others wait for another pool. */
function fits({ ipm = null, tpm = null }: PoolRoutes) {
  const conditions = [
    ...(ipm !== null && ipm < mostImages ? [sql`n <= ${ipm}`] : []),
    ...(tpm === null ? [] : [sql`coalesce(tokens_estimated, 0) <= ${tpm}`]),
  ];
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

/**
 * A closed pool gets only the jobs that check whether it is open again, and a paused one its probe.
 * The others can still be cancelled or moved while they wait in the records.
 */
function limitOf(window: number) {
  return sql`case when pool.is_closed or pool.paused_by = 'fault' then least(${window}::int, 2)
    else ${window}::int end`;
}

/** The order in which a queue engine starts the jobs of a window. */
export const windowOrder = sql`priority, ${tagRank}, dispatched_at, fair_tag, id`;

const asDispatch = sql`id, dispatch_no as "dispatchNo", priority, request_id as "requestId",
  fair_tag as "fairTag"`;

/** The next waiting jobs of the open routes, in fair order. */
function nextOf(jobs: RawBuilder<unknown>, limit: RawBuilder<unknown>) {
  return sql`
    select job.id from open_route cross join lateral (
      select id, priority, fair_tag from kiln.jobs where jobs.route = open_route.route
        and ${isWaiting} and model <> all(open_route.paused_models) and ${jobs}
      order by priority, fair_tag, id limit ${limit}
        for update skip locked) as job
    order by priority, fair_tag, id limit ${limit}`;
}

/**
 * Dispatches the next jobs of a pool's routes to it, as many as its window has room for, in fair
 * order: interactive before bulk, then the fair-share tag, then age. Bulk jobs in the window take
 * no room from interactive ones, which do not wait until one of them has started. A job that rests
 * before a retry does not count. Any number of dispatchers may run: none takes a job that another
 * is taking.
 */
export async function takeWindow(
  db: Database,
  pool: PoolRoutes,
  window: number,
): Promise<Dispatch[]> {
  const { rows } = await sql<Dispatch>`
    with ${openRoutes(pool)}, capacity as (
      select greatest(0, ${limitOf(window)} - out.jobs)::int as free,
        greatest(0, ${limitOf(window)} - case when pool.is_closed or pool.paused_by = 'fault'
          then out.jobs else out.interactive end)::int as free_for_interactive
      from pool, (
        select count(*) as jobs, count(*) filter (where priority = 0) as interactive from (
          select priority from kiln.jobs where pool = ${pool.name} and status = 'queued'
            and dispatched_at is not null and available_at <= clock_timestamp()
          limit 2 * ${window}::int) as dispatched) as out
    ), interactive as (
      ${nextOf(
        sql`priority = 0 and ${fits(pool)}`,
        sql`(select free_for_interactive from capacity)`,
      )}
    ), bulk as (
      ${nextOf(
        sql`priority > 0 and ${fits(pool)}`,
        sql`(select greatest(0, free - (select count(*) from interactive)) from capacity)`,
      )}
    ), due_model as (
      select route, model, array_agg(job_id) as refused_last,
        bool_or(paused_until < clock_timestamp()
          - least(probe_ms / 12, 5000) * interval '1 millisecond') as is_overdue
      from open_route join kiln.paused_models paused on deployment = any(deployments)
        and model = any(open_route.paused_models) and paused_until <= clock_timestamp()
      where not exists (select from kiln.jobs where pool = ${pool.name}
        and jobs.model = paused.model and (status = 'in_progress' or status = 'queued'
          and dispatched_at is not null and available_at <= clock_timestamp()))
      group by route, model
    ), probe as (
      select job.id from due_model cross join lateral (
        select id from kiln.jobs where jobs.route = due_model.route and ${isWaiting}
          and ${fits(pool)} and model = due_model.model
          and (is_overdue or id <> all(refused_last))
        order by priority, fair_tag, id limit 1 for update skip locked) as job
    ), taken as (
      update kiln.jobs set pool = ${pool.name}, dispatched_at = now(), dispatch_no = dispatch_no + 1
      where id = any(array(select id from interactive union all select id from bulk
        union all select id from probe))
        -- a join would read the whole table: the planner does not know how few these are
      returning id, dispatch_no, priority, request_id, fair_tag
    )
    select ${asDispatch} from taken order by priority, fair_tag, id`.execute(db);
  return rows;
}

/**
 * Moves to this pool one job that is in the window of another pool and would start later there. So
 * the last jobs of a route go to the pool with the next free start. Returns none if no such job is
 * left.
 */
export async function takeOver(
  db: Database,
  pool: PoolRoutes,
  window: number,
): Promise<Dispatch[]> {
  if (pool.sharers.length === 0) return [];
  const { rows } = await sql<Dispatch>`
    with ${openRoutes(pool)}, own as (
      select count(*) as waiting, coalesce(sum(n), 0) as images,
        coalesce(sum(tokens_estimated), 0) as tokens
      from kiln.jobs where pool = ${pool.name} and status = 'queued'
        and dispatched_at is not null
    ), other as (
      select *, ${readyAt} as ready_at from kiln.pools
        where name = any(${[...pool.sharers]}::text[])
    ), theirs as (
      select id, dispatch_no, route, model, priority, fair_tag, n, tokens_estimated,
        ${startsAt('other', {
          starts: sql`(row_number() over before - 1)`,
          images: sql`(sum(n) over before - n)`,
          tokens: sql`(sum(coalesce(tokens_estimated, 0)) over before
            - coalesce(tokens_estimated, 0))`,
        })} as starts_at
      from other join kiln.jobs on jobs.pool = other.name
      where status = 'queued' and dispatched_at is not null and available_at <= clock_timestamp()
      window before as (partition by pool order by ${windowOrder})
    ), best as (
      select theirs.id, dispatch_no from theirs join open_route using (route), own, pool
      where ${fits(pool)} and model <> all(paused_models) and own.waiting < ${limitOf(window)}
        and starts_at > ${startsAt('pool', {
          starts: sql`own.waiting`,
          images: sql`own.images`,
          tokens: sql`own.tokens`,
        })}
      order by priority, fair_tag, id limit 1
    ), taken as (
      update kiln.jobs set pool = ${pool.name}, dispatched_at = now(), dispatch_no = dispatch_no + 1
      where (id, dispatch_no) = (select id, dispatch_no from best) and status = 'queued'
        and dispatched_at is not null
      returning *
    )
    select ${asDispatch} from taken`.execute(db);
  return rows;
}

/**
 * Takes the jobs of shared routes out of the window of a closed pool, which cannot start them.
 * Returns how many.
 */
export async function recallShared(db: Database, pool: PoolRoutes): Promise<number> {
  const shared = pool.routes.filter((served) => served.isShared).map((served) => served.route);
  if (shared.length === 0) return 0;
  const result = await sql`
    update kiln.jobs set dispatched_at = null, fair_tag = ${tagOfReturned}
    from (select name from kiln.pools where name = ${pool.name} and ${isClosed}) as closed
    where jobs.pool = closed.name and status = 'queued' and dispatched_at is not null
      and route = any(${shared}::text[])`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Takes the jobs out of a pool's window, except those that rest before a retry. Returns how many.
 */
export async function recallWindow(db: Database, pool: string): Promise<number> {
  const result = await sql`
    update kiln.jobs set dispatched_at = null, fair_tag = ${tagOfReturned}
    where pool = ${pool} and status = 'queued' and dispatched_at is not null
      and available_at <= clock_timestamp()`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Takes the jobs out of the windows of pools that are no longer configured, because no worker would
 * start them. If another process still has such a pool, its dispatcher dispatches them again.
 * Returns how many.
 */
export async function recallForeign(
  db: Database,
  pools: readonly string[],
  settledMs: number,
): Promise<number> {
  const result = await sql`
    update kiln.jobs set dispatched_at = null, fair_tag = ${tagOfReturned}
    where status = 'queued' and dispatched_at < clock_timestamp() - ${settledMs} *
      interval '1 millisecond'
      and pool <> all(${[...pools]}::text[])`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Takes back dispatches that the engine did not receive or has lost. Later dispatches of the same
 * jobs stay. Returns how many.
 */
export async function returnDispatches(
  db: Database,
  dispatches: readonly { id: string; dispatchNo: number }[],
): Promise<number> {
  if (dispatches.length === 0) return 0;
  const result = await sql`
    update kiln.jobs set dispatched_at = null, fair_tag = ${tagOfReturned}
    from jsonb_to_recordset(${toStorableJson(dispatches)}::jsonb) as lost(id text, "dispatchNo" int)
    where jobs.id = lost.id and jobs.dispatch_no = lost."dispatchNo"
      and jobs.status = 'queued'`.execute(db);
  return Number(result.numAffectedRows ?? 0);
}

/**
 * Lists the dispatches of a pool that are at least `settledMs` old and not claimed: an engine must
 * still hold them.
 */
export async function listDispatches(
  db: Database,
  pool: string,
  settledMs: number,
): Promise<{ id: string; dispatchNo: number }[]> {
  const { rows } = await sql<{ id: string; dispatchNo: number }>`
    select id, dispatch_no as "dispatchNo" from kiln.jobs
    where pool = ${pool} and status = 'queued' and dispatched_at < clock_timestamp() - ${settledMs}
      * interval '1 millisecond'`.execute(db);
  return rows;
}
