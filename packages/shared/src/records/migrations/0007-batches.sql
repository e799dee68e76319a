-- Batches: how far their files have been read, what has become of their rows, and what that cost.
alter table kiln.batches
  -- Rows of the file that are jobs or were refused; set when all of the file has been looked
  -- through.
  add column row_count integer,
  -- Rows of the file that became no job (only with on_invalid_rows: skip).
  add column invalid_count integer not null default 0,
  add column cancelled_count integer not null default 0,
  add column expired_count integer not null default 0,
  -- The number of the last of them: rows with nothing in them are numbered as well.
  add column last_row integer,
  -- The last row whose job has been written: where reading goes on after a crash.
  add column ingested_row integer not null default 0,
  -- What reading found: encoding, delimiter, columns.
  add column reading jsonb,
  -- pause and resume concern jobs one by one: what has still to be done to them.
  add column moving text check (moving in ('park', 'unpark')),
  -- Since when its failed rows are asked for again; null once all of them have been queued.
  add column retrying_since timestamptz,
  add column cost_estimated_micros bigint not null default 0,
  add column cost_actual_micros bigint not null default 0,
  add column cost_at_risk_micros bigint not null default 0,
  add column input_tokens bigint not null default 0,
  add column output_tokens bigint not null default 0,
  add column request_id text not null default '',
  -- Until when a worker has it in hand; each time it is taken up has a number.
  add column lease_expires_at timestamptz,
  add column lease_no integer not null default 0,
  add column finalizing_at timestamptz,
  add column cancelling_at timestamptz;
create index batches_to_advance on kiln.batches (id) where status in ('validating', 'in_progress', 'finalizing', 'cancelling');

-- Rows that were not accepted, with every reason.
create table kiln.invalid_rows (
  batch_id text not null references kiln.batches,
  row_number integer not null,
  custom_id text,
  problems jsonb not null,
  primary key (batch_id, row_number)
);

alter table kiln.jobs
  -- The name of its picture inside the archive, where the row gave one.
  add column filename text,
  -- How the output file is to hold its pictures, where the row says so.
  add column response_format text check (response_format in ('url', 'b64_json')),
  -- Its batch is paused: it is not dispatched.
  add column parked boolean not null default false;
drop index kiln.jobs_waiting;
drop index kiln.jobs_waiting_by_flow;
create index jobs_waiting on kiln.jobs (route, priority, fair_tag, id) where status = 'queued' and dispatched_at is null and not parked;
create index jobs_waiting_by_flow on kiln.jobs (route, priority, (coalesce(batch_id, project_id)), fair_tag)
  where status = 'queued' and dispatched_at is null and not parked;

-- The counts and the cost of a batch change in the transaction that changes those of one of its
-- jobs, whatever that is.
create function kiln.count_for_batch() returns trigger language plpgsql as $$
declare
  ended bigint;
  due bigint;
begin
  update kiln.batches set
    completed_count = completed_count + (new.status = 'succeeded')::int - (old.status = 'succeeded')::int,
    failed_count = failed_count + (new.status = 'failed')::int - (old.status = 'failed')::int,
    cancelled_count = cancelled_count + (new.status = 'cancelled')::int - (old.status = 'cancelled')::int,
    expired_count = expired_count + (new.status = 'expired')::int - (old.status = 'expired')::int,
    cost_actual_micros = cost_actual_micros + coalesce(new.cost_actual_micros, 0) - coalesce(old.cost_actual_micros, 0),
    cost_at_risk_micros = cost_at_risk_micros + new.cost_at_risk_micros - old.cost_at_risk_micros,
    input_tokens = input_tokens + coalesce((new.usage->>'input_tokens')::bigint, 0) - coalesce((old.usage->>'input_tokens')::bigint, 0),
    output_tokens = output_tokens + coalesce((new.usage->>'output_tokens')::bigint, 0) - coalesce((old.usage->>'output_tokens')::bigint, 0),
    -- One of its jobs was asked for again: the batch is under way again, too.
    status = case when new.status = 'queued' and status in ('finalizing', 'completed', 'expired', 'cancelled') then 'in_progress' else status end,
    finished_at = case when new.status = 'queued' and status in ('finalizing', 'completed', 'expired', 'cancelled') then null else finished_at end
  where id = new.batch_id
  returning completed_count + failed_count + cancelled_count + expired_count, total_count into ended, due;
  if ended >= due then
    perform pg_notify('kiln_batch_ended', new.batch_id);
  end if;
  return null;
end $$;
create trigger count_for_batch after update on kiln.jobs for each row
  when (new.batch_id is not null and (new.status, new.cost_actual_micros, new.cost_at_risk_micros)
    is distinct from (old.status, old.cost_actual_micros, old.cost_at_risk_micros))
  execute function kiln.count_for_batch();

-- A job that comes back to the queue of a paused batch waits with the others.
create function kiln.park_with_batch() returns trigger language plpgsql as $$
begin
  new.parked := exists (select from kiln.batches where id = new.batch_id and paused_at is not null);
  return new;
end $$;
create trigger park_with_batch before update on kiln.jobs for each row
  when (new.batch_id is not null and new.status = 'queued' and old.status <> 'queued')
  execute function kiln.park_with_batch();
