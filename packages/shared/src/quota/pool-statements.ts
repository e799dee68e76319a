/**
 * The SQL statements of the pool guard (`pool-guard.ts`) that close and open a pool;
 * `start-statements.ts` has those that grant starts. Statements that decide lock the pool's row, go
 * by the database's clock, and write their decision together with its event.
 */

import { returnedTag } from '../domain/queue/tags.ts';
import { modelEventInsert } from '../records/events/write-events.ts';
import { epochMs, event, minute, ms, now, old } from './statement-parts.ts';

/**
 * A call that was started before the last adjustment of the pace says nothing new. $4: how long ago
 * it was started, in ms.
 */
const isNewRefusal = `(old.adjusted_at < ${now} - $4::float8 * ${ms})`;

/**
 * The time between two probes: it doubles when a probe has failed, and a graver cause extends it.
 */
function probeOf(probeMs: string): string {
  return `greatest($3::float8, case when old.probing then least($4::float8, ${probeMs} * 2)
    else ${probeMs} end)`;
}

export const clock = { name: 'kiln-clock', text: `select ${epochMs(now)} as now_ms` };

export const closed = {
  name: 'kiln-pool-closed',
  text: `
    select paused_by is not distinct from 'operator' or coalesce(blocked_until > ${now}, false)
      as is_closed
    from kiln.pools where name = $1`,
};

/**
 * A watched pool has answered, so the cause of its refusals is over. $2: the deployment that
 * answered; it is not paused any more.
 */
export const answered = {
  name: 'kiln-pool-answered',
  writesEvents: true,
  text: `
    with ${old}, works as (delete from kiln.paused_deployments where name = $2), changed as (
      update kiln.pools set refusals = 0, probe_ms = null, probing = false,
        paused_by = case when old.paused_by = 'operator' then 'operator' end,
        blocked_until = case when old.paused_by = 'fault' then null else old.blocked_until end,
        announced = old.announced and old.paused_by is distinct from 'fault'
      from old where pools.name = old.name
      returning pools.*
    ), ${event('pool.resumed', `old.announced and old.paused_by = 'fault'`)}
    select old.paused_by = 'fault' as was_paused from old`,
};

/**
 * Blocks the pool. $2: for how long, in ms, as the provider said; if null, for a twelfth of a
 * minute, doubled with every new refusal in a row, at most a minute. $3: the reason. $5 and $6: the
 * job that was refused, and the words.
 */
export const refused = {
  name: 'kiln-pool-refused',
  writesEvents: true,
  text: `
    with ${old}, refusal as (
      select is_new, wait, coalesce(old.blocked_until > ${now} + wait, false) as is_longer
      from old, lateral (select ${isNewRefusal} as is_new) as new,
        lateral (select case when is_new then old.refusals else greatest(0, old.refusals - 1) end
          as before) as row,
        lateral (select coalesce($2::float8 * ${ms},
          least(${minute}, ${minute} / 12 * 2 ^ least(before, 10))) as wait) as asked
    ), changed as (
      update kiln.pools set
        pace_share = case when refusal.is_new and ($2::float8 is null or old.refusals > 0)
          then greatest(0.1, old.pace_share * 0.7) else old.pace_share end,
        refusals = old.refusals + case when refusal.is_new then 1 else 0 end,
        adjusted_at = case when refusal.is_new then ${now} else old.adjusted_at end,
        blocked_reason = case when is_longer then old.blocked_reason else $3 end,
        blocked_job = case when is_longer then old.blocked_job else $5 end,
        blocked_message = case when is_longer then old.blocked_message else $6 end,
        blocked_until = greatest(old.blocked_until, ${now} + refusal.wait),
        announced = old.announced or refusal.wait >= ${minute}
      from old, refusal where pools.name = old.name
      returning pools.*
    ), ${event('pool.blocked', 'changed.announced and not old.announced')}
    select (extract(epoch from refusal.wait) * 1000)::float8 as wait_ms, changed.pace_share
    from refusal, changed`,
};

/**
 * Pauses deployment $1 of pool $2. $3: the time until its first probe, in ms; it doubles with every
 * probe that fails, up to $4. $5: the reason. $6 and $7: the job that was refused, and the words.
 */
export const deploymentPaused = {
  name: 'kiln-deployment-paused',
  text: `
    insert into kiln.paused_deployments as old
      (name, pool, reason, job_id, message, paused_until, probe_ms)
    values ($1, $2, $5, $6, $7, ${now} + $3::float8 * ${ms}, $3::float8)
    on conflict (name) do update set pool = $2, reason = $5, job_id = $6, message = $7,
      probing = false, probe_ms = ${probeOf('old.probe_ms')},
      paused_until = greatest(old.paused_until, ${now} + ${probeOf('old.probe_ms')} * ${ms})
    returning xmax = 0 as is_new,
      (extract(epoch from paused_until - ${now}) * 1000)::float8 as wait_ms`,
};

/**
 * Pauses pool $1, unless one of its deployments ($2) is not paused. $3 to $7 are those of
 * `deploymentPaused`.
 */
export const pausedByFault = {
  name: 'kiln-pool-paused',
  writesEvents: true,
  text: `
    with ${old}, pause as (
      select case when old.probe_ms is null then $3::float8 else ${probeOf('old.probe_ms')} end
        as probe_ms
      from old
      where not exists (select from unnest($2::text[]) as deployment(name) where not exists (
        select from kiln.paused_deployments paused where paused.name = deployment.name))
    ), changed as (
      update kiln.pools set paused_by = coalesce(old.paused_by, 'fault'),
        probe_ms = pause.probe_ms, probing = false,
        blocked_reason = case when old.paused_by = 'operator' then old.blocked_reason else $5 end,
        blocked_job = case when old.paused_by = 'operator' then null else $6 end,
        blocked_message = case when old.paused_by = 'operator' then null else $7 end,
        blocked_until = greatest(old.blocked_until, ${now} + pause.probe_ms * ${ms}),
        announced = old.announced or pause.probe_ms * ${ms} >= ${minute} * 0.9
      from old, pause where pools.name = old.name
      returning pools.*
    ), ${event('pool.blocked', 'changed.announced and not old.announced')}
    select pause.probe_ms is not null as is_paused,
      old.paused_by is null and pause.probe_ms is not null as is_new,
      coalesce(pause.probe_ms, 0) as wait_ms
    from old left join pause on true`,
};

export const pausedByOperator = {
  name: 'kiln-pool-held',
  writesEvents: true,
  text: `
    with ${old}, changed as (
      update kiln.pools set paused_by = 'operator', blocked_reason = 'operator', probe_ms = null,
        blocked_job = null, blocked_message = null, probing = false, announced = true
      from old where pools.name = old.name
      returning pools.*
    ), ${event('pool.blocked', `not old.announced`)}
    select 1 from changed`,
};

/**
 * Opens the pool and its deployments, whatever closed them. Its `pace_share` stays. Jobs that were
 * refused may start at once.
 */
export const resumed = {
  name: 'kiln-pool-resumed',
  writesEvents: true,
  text: `
    with ${old}, works as (
      delete from kiln.paused_deployments where pool = $1
    ), model as (
      delete from kiln.paused_models where pool = $1 returning *
    ), model_event as (
      ${modelEventInsert('model.resumed')}
    ), innocent as (
      delete from kiln.refusals where pool = $1 returning job_id
    ), released as (
      update kiln.jobs set available_at = ${now}, dispatched_at = null,
        fair_tag = least(fair_tag, ${returnedTag})
        -- they go first, like all jobs that came back (records/jobs/fair-tags.ts)
      where id in (select job_id from innocent) and status = 'queued' and available_at > ${now}
    ), shapes as (
      delete from kiln.answer_shapes where pool = $1
    ), changed as (
      update kiln.pools set paused_by = null, blocked_until = null, blocked_reason = null,
        blocked_job = null, blocked_message = null, watched = false, probe_ms = null,
        probing = false, refusals = 0, announced = false
      from old where pools.name = old.name
      returning pools.*
    ), ${event('pool.resumed', 'old.announced')}
    select 1 from changed`,
};

/**
 * Opens a pool that a fault paused if one of its deployments ($2) is not paused. Its next start
 * writes the event `pool.resumed`.
 */
export const recovered = {
  name: 'kiln-pool-recovered',
  text: `
    update kiln.pools set paused_by = null, blocked_until = null, probe_ms = null, probing = false
    where name = $1 and paused_by = 'fault'
      and exists (select from unnest($2::text[]) as deployment(name) where not exists (
      select from kiln.paused_deployments paused where paused.name = deployment.name))`,
};
