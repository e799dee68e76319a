-- Runs of the job that an error in Kiln has stopped, since it was submitted or retried. After a few
-- of them the job ends (domain/retry-policy.ts).
alter table kiln.jobs add column failed_runs integer not null default 0;

-- A number of tokens from a provider's answer, which may hold anything: 0 unless it is a number,
-- and never more than a column holds. A settlement must not fail because of it.
create function kiln.tokens_of(usage jsonb, field text) returns bigint language sql immutable as $$
  select case when jsonb_typeof(usage -> field) = 'number'
    then least(greatest((usage ->> field)::numeric, 0), 1e12)::bigint else 0 end
$$;

-- Changes the counts and the costs of batches in the transaction that changes those of their jobs:
-- once for each batch of a statement, however many of its jobs change. Batches are locked in the
-- order of their ids, so statements that settle jobs of the same batches do not deadlock. A job
-- that is queued again after its batch has ended puts the batch back in progress, with an event.
-- Notifies `kiln_batch_ended` when the last job has ended.
create function kiln.count_for_batches() returns trigger language plpgsql as $$
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
      select status in ('finalizing', 'completed', 'expired', 'cancelled') into was_over
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
      finished_at = case when was_over then null else finished_at end
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
drop trigger count_for_batch on kiln.jobs;
drop function kiln.count_for_batch();
create trigger count_for_batches after update on kiln.jobs
  referencing old table as old_jobs new table as new_jobs
  for each statement execute function kiln.count_for_batches();
