-- A batch whose step an error in Kiln stops again and again rests between its runs, and ends as
-- failed after a few of them (domain/retry-policy.ts).
alter table kiln.batches
  -- Runs of the present step that an error stopped, and workers that were lost during it.
  add column failed_runs integer not null default 0,
  add column lost_workers integer not null default 0,
  -- No worker takes the batch before.
  add column retry_at timestamptz,
  -- Kiln gave the batch up: it is being cancelled, and ends as failed.
  add column given_up boolean not null default false;

-- A try that an error in Kiln ended may be recorded without a row of its own.
comment on column kiln.deliveries.tries_made is
  'Tries, also those whose row in kiln.delivery_tries the database refused.';

-- The function of 0009; the rows that a failed batch did not run count as cancelled, too.
create or replace function kiln.batch_event_data(batch kiln.batches) returns jsonb
  language sql stable as $$
  with row as (
    select coalesce(batch.row_count, 0) as total, batch.failed_count + batch.expired_count
      + batch.invalid_count as failed
  ), counts as (
    select total, failed, case when batch.status in ('cancelled', 'failed')
      then greatest(batch.cancelled_count, total - batch.completed_count - failed)
      else batch.cancelled_count end as cancelled from row
  )
  select jsonb_build_object('id', batch.id, 'status', batch.status,
    'request_counts', jsonb_build_object('total', total, 'completed',
      batch.completed_count, 'failed', failed, 'cancelled', cancelled,
      'in_queue', greatest(0, total - batch.completed_count - failed - cancelled)),
    'cost', jsonb_build_object('currency', 'usd', 'estimated',
      batch.cost_estimated_micros / 1e6::float8, 'estimate_basis', batch.cost_basis,
      'actual', batch.cost_actual_micros / 1e6::float8, 'at_risk',
        batch.cost_at_risk_micros / 1e6::float8))
  from counts
$$;

-- The function of 0006; the retry of one of its jobs puts a failed batch back in progress, too.
create or replace function kiln.count_for_batches() returns trigger language plpgsql as $$
declare
  change record;
  was_over boolean;
  ended bigint;
  due bigint;
begin
  for change in
    select changed.batch_id as id,
      sum((changed.status = 'succeeded')::int - (before.status = 'succeeded')::int) as completed,
      sum((changed.status = 'failed')::int - (before.status = 'failed')::int) as failed,
      sum((changed.status = 'cancelled')::int - (before.status = 'cancelled')::int) as cancelled,
      sum((changed.status = 'expired')::int - (before.status = 'expired')::int) as expired,
      sum(coalesce(changed.cost_actual_micros, 0) - coalesce(before.cost_actual_micros, 0))
        as actual,
      sum(changed.cost_at_risk_micros - before.cost_at_risk_micros) as at_risk,
      sum(kiln.tokens_of(changed.usage, 'input_tokens')
        - kiln.tokens_of(before.usage, 'input_tokens'))
        as input_tokens,
      sum(kiln.tokens_of(changed.usage, 'output_tokens')
        - kiln.tokens_of(before.usage, 'output_tokens'))
        as output_tokens,
      bool_or(changed.status = 'queued') as is_queued_again
    from new_jobs as changed join old_jobs as before on before.id = changed.id
    where changed.batch_id is not null
      and (changed.status <> before.status
        and (changed.status in ('succeeded', 'failed', 'cancelled', 'expired')
          or before.status in ('succeeded', 'failed', 'cancelled', 'expired'))
        or (changed.cost_actual_micros, changed.cost_at_risk_micros)
          is distinct from (before.cost_actual_micros, before.cost_at_risk_micros))
    group by changed.batch_id order by changed.batch_id
  loop
    was_over := false;
    if change.is_queued_again then
      select status in ('finalizing', 'completed', 'expired', 'cancelled', 'failed')
        into was_over
        from kiln.batches where id = change.id for update;
    end if;
    update kiln.batches set
      completed_count = completed_count + change.completed,
      failed_count = failed_count + change.failed,
      cancelled_count = cancelled_count + change.cancelled,
      expired_count = expired_count + change.expired,
      cost_actual_micros = cost_actual_micros + change.actual,
      cost_at_risk_micros = cost_at_risk_micros + change.at_risk,
      input_tokens = batches.input_tokens + change.input_tokens,
      output_tokens = batches.output_tokens + change.output_tokens,
      status = case when was_over then 'in_progress' else status end,
      finished_at = case when was_over then null else finished_at end,
      given_up = given_up and not was_over
    where id = change.id
    returning completed_count + failed_count + cancelled_count + expired_count, total_count
      into ended, due;
    if was_over then
      insert into kiln.events (project_id, type, batch_id, data)
        select project_id, 'batch.in_progress', id, kiln.batch_event_data(batches) from kiln.batches
          where id = change.id;
    end if;
    if ended >= due then
      perform pg_notify('kiln_batch_ended', change.id);
    end if;
  end loop;
  return null;
end $$;
