-- Events in an order that can be followed. `seq` is given before the commit, and a transaction that
-- commits late would be passed over by whoever follows it. So an event has a `position` besides,
-- given once it is committed (stamp_events): what is read from now on always lies behind what has
-- been read.
alter table kiln.events add column position bigint;
update kiln.events set position = ordered.place
from (select id, row_number() over (order by seq) as place from kiln.events) as ordered where events.id = ordered.id;

-- The writer of an event pays for two indexes, one of them tiny; the others know it once it has its
-- position.
alter table kiln.events drop constraint events_pkey, drop constraint events_id_key, add primary key (id);
drop index kiln.events_by_job;
drop index kiln.events_by_age;
create index events_unstamped on kiln.events (seq) where position is null;
create unique index events_by_position on kiln.events (position) where position is not null;
create index events_by_job on kiln.events (job_id, position) where position is not null and job_id is not null;
create index events_by_batch on kiln.events (batch_id, position) where position is not null and batch_id is not null;
-- Every row is updated once: what that leaves behind in events_unstamped must not pile up.
alter table kiln.events set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 20000);

-- One row: how far positions have been given. Its lock is the turn to give them.
create table kiln.newest_position (
  position bigint not null,
  only_row boolean primary key default true check (only_row)
);
insert into kiln.newest_position (position) select coalesce(max(position), 0) from kiln.events;

-- What was told last of a batch under way. Written in the turn of stamp_events only.
create table kiln.batch_progress (
  batch_id text primary key,
  told_at timestamptz not null default '-infinity',
  -- Something has happened since.
  due boolean not null default true,
  told jsonb
);

-- The data of an event of a batch: as its API object has it, and no more.
create function kiln.batch_event_data(batch kiln.batches) returns jsonb language sql stable as $$
  with row as (
    select coalesce(batch.row_count, 0) as total, batch.failed_count + batch.expired_count + batch.invalid_count as failed
  ), counts as (
    select total, failed, case when batch.status = 'cancelled' then greatest(batch.cancelled_count, total - batch.completed_count - failed)
      else batch.cancelled_count end as cancelled from row
  )
  select jsonb_build_object('id', batch.id, 'status', batch.status,
    'request_counts', jsonb_build_object('total', total, 'completed', batch.completed_count, 'failed', failed, 'cancelled', cancelled,
      'in_queue', greatest(0, total - batch.completed_count - failed - cancelled)),
    'cost', jsonb_build_object('currency', 'usd', 'estimated', batch.cost_estimated_micros / 1e6::float8,
      'actual', batch.cost_actual_micros / 1e6::float8, 'at_risk', batch.cost_at_risk_micros / 1e6::float8))
  from counts
$$;

-- Gives up to 1,000 committed events their positions, in order of seq, and tells how far they go.
-- Of two events of one job or batch the later one was written once the earlier was committed, so it
-- has the larger seq, and is seen only together with the other.
--
-- Tells of the progress of batches, too, at most once a second each: `batch.progress`, with its
-- position at once, behind all that has happened until then. `due_ms`: how soon there will be more
-- of that to tell; null: nothing.
create function kiln.stamp_events() returns table (stamped integer, due_ms double precision) language plpgsql as $$
declare
  ids text[];
  newest bigint;
  progress integer;
begin
  stamped := 0;
  if exists (select from kiln.events where position is null)
    or exists (select from kiln.batch_progress where due and told_at <= clock_timestamp() - interval '1 second') then
    select position into newest from kiln.newest_position for update;
    -- In statements of their own: each sees what was committed before the turn came.
    select coalesce(array_agg(id order by seq), '{}') into ids
      from (select id, seq from kiln.events where position is null order by seq limit 1000) as next;
    update kiln.events set position = newest + next.place from unnest(ids) with ordinality as next(id, place) where events.id = next.id;

    insert into kiln.batch_progress (batch_id)
      select distinct batch_id from kiln.events where id = any(ids) and batch_id is not null
        and type in ('job.succeeded', 'job.failed', 'job.cancelled', 'job.expired', 'job.held', 'job.retrying')
      on conflict (batch_id) do update set due = true where not batch_progress.due;
    with ripe as (
      select batch_id, project_id, status in ('in_progress', 'finalizing', 'cancelling') as is_open, told, kiln.batch_event_data(batches) as data
      from kiln.batch_progress join kiln.batches on id = batch_id where due and told_at <= clock_timestamp() - interval '1 second'
    ), closed as (
      delete from kiln.batch_progress where batch_id in (select batch_id from ripe where not is_open)
    ), noted as (
      update kiln.batch_progress set due = false, told = data, told_at = case when data is distinct from ripe.told then clock_timestamp() else told_at end
      from ripe where batch_progress.batch_id = ripe.batch_id and is_open
    )
    insert into kiln.events (position, project_id, type, batch_id, data)
      select newest + cardinality(ids) + row_number() over (order by batch_id), project_id, 'batch.progress', batch_id, data
      from ripe where is_open and data is distinct from told;
    get diagnostics progress = row_count;

    stamped := cardinality(ids) + progress;
    if stamped > 0 then
      update kiln.newest_position set position = newest + stamped;
      perform pg_notify('kiln_events', (newest + stamped)::text);
    end if;
  end if;
  select greatest(0, extract(epoch from min(told_at) + interval '1 second' - clock_timestamp()) * 1000) into due_ms
    from kiln.batch_progress where due having count(*) > 0;
  return next;
end $$;

-- As before, and the batch says that it is under way again.
create or replace function kiln.count_for_batch() returns trigger language plpgsql as $$
declare
  was_over boolean := false;
  ended bigint;
  due bigint;
begin
  if new.status = 'queued' then
    select status in ('finalizing', 'completed', 'expired', 'cancelled') into was_over from kiln.batches where id = new.batch_id for update;
  end if;
  update kiln.batches set
    completed_count = completed_count + (new.status = 'succeeded')::int - (old.status = 'succeeded')::int,
    failed_count = failed_count + (new.status = 'failed')::int - (old.status = 'failed')::int,
    cancelled_count = cancelled_count + (new.status = 'cancelled')::int - (old.status = 'cancelled')::int,
    expired_count = expired_count + (new.status = 'expired')::int - (old.status = 'expired')::int,
    cost_actual_micros = cost_actual_micros + coalesce(new.cost_actual_micros, 0) - coalesce(old.cost_actual_micros, 0),
    cost_at_risk_micros = cost_at_risk_micros + new.cost_at_risk_micros - old.cost_at_risk_micros,
    input_tokens = input_tokens + coalesce((new.usage->>'input_tokens')::bigint, 0) - coalesce((old.usage->>'input_tokens')::bigint, 0),
    output_tokens = output_tokens + coalesce((new.usage->>'output_tokens')::bigint, 0) - coalesce((old.usage->>'output_tokens')::bigint, 0),
    status = case when was_over then 'in_progress' else status end,
    finished_at = case when was_over then null else finished_at end
  where id = new.batch_id
  returning completed_count + failed_count + cancelled_count + expired_count, total_count into ended, due;
  if was_over then
    insert into kiln.events (project_id, type, batch_id, data)
      select project_id, 'batch.in_progress', id, kiln.batch_event_data(batches) from kiln.batches where id = new.batch_id;
  end if;
  if ended >= due then
    perform pg_notify('kiln_batch_ended', new.batch_id);
  end if;
  return null;
end $$;
