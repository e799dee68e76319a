-- The records: Kiln's only source of truth. Every row of the API's objects carries its project.
-- Statuses are those of domain/*-state.ts. Money is counted in micro-dollars. Every time that
-- decides something is read from the database's own clock.

-- A UUIDv7 (RFC 9562) without hyphens after its prefix, in the form that ids.ts makes.
create function kiln.new_id(prefix text) returns text language sql volatile as $$
  select prefix || lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14)
$$;

-- Pools and deployments ----------------------------------------------------------------------------

create table kiln.pools (
  name text primary key,
  project_id text not null default 'default',
  rpm double precision not null,
  -- The time between two starts, and how much lateness a pool may make up for (quota/pace.ts).
  interval_ms double precision not null,
  catch_up_ms double precision not null,
  next_start_at timestamptz not null default 'epoch',
  blocked_until timestamptz,
  blocked_reason text,
  updated_at timestamptz not null default now(),
  -- The share of its quota that the pool uses: less after refusals without a known cause, then more
  -- again minute by minute.
  pace_share double precision not null default 1,
  -- The pool has had its present share and count of refusals since then.
  adjusted_at timestamptz not null default 'epoch',
  -- Refused calls since the last one that was answered; refusals at the same moment count once.
  refusals integer not null default 0,
  -- Null: open, or blocked for a while. After a fault one call at a time probes the pool; only an
  -- operator ends an operator's pause.
  paused_by text check (paused_by in ('fault', 'operator')),
  probe_ms double precision,
  -- A probe was started and its outcome is not known yet: only its failure makes the next one
  -- rarer.
  probing boolean not null default false,
  -- pool.blocked was announced, so pool.resumed must follow.
  announced boolean not null default false
) with (fillfactor = 50);
comment on table kiln.pools is
  'One quota of a provider: its pace, what it learned from refusals, and why it is closed (quota/pool-guard.ts).';

create table kiln.paused_deployments (
  name text primary key,
  pool text not null,
  reason text not null,
  paused_until timestamptz not null,
  -- The time between two probes, and whether one is under way.
  probe_ms double precision not null,
  probing boolean not null default false
);
comment on table kiln.paused_deployments is
  'Deployments whose key or name does not work: one row each, until the deployment answers again.';

-- Files --------------------------------------------------------------------------------------------

create table kiln.files (
  id text primary key,
  project_id text not null,
  purpose text not null check (purpose in ('batch', 'vision', 'batch_output')),
  filename text not null,
  content_type text not null,
  bytes bigint not null,
  sha256 text not null,
  object_key text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  deleted_at timestamptz,
  -- What the first reading of a picture found (schemas/picture.ts). Null: the file is no picture,
  -- or was uploaded before pictures were read.
  picture jsonb
);
comment on table kiln.files is
  'Uploaded and written files. A deleted file loses its object and keeps its row, because batches refer to it forever.';
create index files_by_project on kiln.files (project_id, id desc) where deleted_at is null;
create index files_expiring on kiln.files (expires_at) where deleted_at is null
  and expires_at is not null;
create index files_by_age on kiln.files (created_at) where deleted_at is null;

-- Batches ------------------------------------------------------------------------------------------

create table kiln.batches (
  id text primary key,
  project_id text not null,
  status text not null check (status in
    ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling',
      'cancelled')),
  endpoint text not null,
  input_file_id text not null references kiln.files,
  output_file_id text references kiln.files,
  error_file_id text references kiln.files,
  options jsonb not null default '{}',
  metadata jsonb not null default '{}',
  -- The first problems that validation found in the file.
  errors jsonb,
  -- What reading the file found: encoding, delimiter, columns.
  reading jsonb,
  -- The pictures that were uploaded with the batch: file ids by the names that rows use.
  source_files jsonb,
  request_id text not null default '',
  -- Records of the file, those among them that are no jobs (on_invalid_rows: skip), and the number
  -- of the last one. Set when validation has read the whole file. Empty rows have numbers, too.
  row_count integer,
  invalid_count integer not null default 0,
  last_row integer,
  -- The last row whose job is written: reading continues there after a crash.
  ingested_row integer not null default 0,
  -- Jobs, and how many of them have ended in which way.
  total_count integer not null default 0,
  completed_count integer not null default 0,
  failed_count integer not null default 0,
  cancelled_count integer not null default 0,
  expired_count integer not null default 0,
  cost_estimated_micros bigint not null default 0,
  cost_actual_micros bigint not null default 0,
  cost_at_risk_micros bigint not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  paused_at timestamptz,
  -- Pausing and resuming go through the jobs in chunks: what the remaining ones still need.
  moving text check (moving in ('park', 'unpark')),
  -- A retry of the failed rows was requested then. Null once all of them are queued.
  retrying_since timestamptz,
  -- Each time that a worker takes the batch has a number; its lease ends here.
  lease_expires_at timestamptz,
  lease_no integer not null default 0,
  deadline_at timestamptz,
  created_at timestamptz not null default now(),
  in_progress_at timestamptz,
  finalizing_at timestamptz,
  cancelling_at timestamptz,
  finished_at timestamptz
);
comment on table kiln.batches is
  'Batches: how far their files are read, how their jobs stand, and what those cost. Triggers on kiln.jobs keep the counts.';
create index batches_by_project on kiln.batches (project_id, id desc);
create index batches_to_advance on kiln.batches (id)
  where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
-- Batches that still need their files (records/files/files.ts); few at any time.
create index batches_unfinished on kiln.batches (input_file_id)
  where status in ('validating', 'in_progress', 'finalizing', 'cancelling');

create table kiln.batch_pictures (
  file_id text not null,
  batch_id text not null references kiln.batches (id),
  primary key (file_id, batch_id)
);
comment on table kiln.batch_pictures is
  'The pictures of batches by file id, so that deleting a file finds the batches that need it. batches.source_files has them by name.';

create table kiln.invalid_rows (
  batch_id text not null references kiln.batches,
  row_number integer not null,
  custom_id text,
  problems jsonb not null,
  primary key (batch_id, row_number)
);
comment on table kiln.invalid_rows is 'Rows of input files that became no job, with every reason.';

create table kiln.batch_progress (
  batch_id text primary key,
  published_at timestamptz not null default '-infinity',
  -- Something has happened since.
  due boolean not null default true,
  published jsonb
);
comment on table kiln.batch_progress is
  'The last batch.progress event of each batch that is under way. Only kiln.stamp_events writes here, under its lock.';

-- Jobs ---------------------------------------------------------------------------------------------

create table kiln.jobs (
  id text primary key,
  project_id text not null,
  -- No foreign key: the statement that writes the rows of a file locks its batch, and batches are
  -- never deleted. Looking the batch up again took a third of the time to write a row.
  batch_id text,
  row_number integer,
  custom_id text,
  -- The name of the job's picture in the batch's archive, where the row gives one.
  filename text,
  -- How the output file holds the job's pictures, where the row says so.
  response_format text check (response_format in ('url', 'b64_json')),
  status text not null default 'queued' check (status in
    ('queued', 'in_progress', 'held', 'succeeded', 'failed', 'cancelled', 'expired')),
  endpoint text not null,
  model text not null,
  -- A job waits in a route (models/routes.ts), gets its pool when it is dispatched, and its
  -- deployment when its call starts. No foreign key on the pool: the statement that sets it has
  -- just read it, and pools are never deleted.
  route text not null default '*',
  deployment text,
  pool text,
  request jsonb not null,
  -- Files that the job sends along; null for generations.
  source_file_ids text[],
  metadata jsonb not null,
  warnings jsonb not null,
  -- {url, events}, where the job asks for a webhook. A batch has its own in its options.
  webhook jsonb,
  request_id text not null,
  -- The order of dispatch: 0 interactive, 1 bulk; then the fair-share tag; then the id, which rises
  -- with time.
  priority smallint not null,
  fair_tag double precision not null default 0,
  available_at timestamptz not null default now(),
  -- The job's batch is paused, so the job is not dispatched.
  parked boolean not null default false,
  -- Dispatched to the queue engine then, for the dispatch_no-th time. A work item of an earlier
  -- dispatch is stale and is dropped.
  dispatched_at timestamptz,
  dispatch_no integer not null default 0,
  -- The worker process that executes the job, and until when its claim holds without a heartbeat.
  lease_owner text,
  lease_expires_at timestamptz,
  attempts_made integer not null default 0,
  max_attempts integer not null,
  -- A requested retry starts afresh: attempts up to this number stay in the ledger and no longer
  -- count against the limit.
  retried_after_no integer not null default 0,
  -- How many workers died while they executed the job, since that retry.
  crashes integer not null default 0,
  cancel_requested_at timestamptz,
  cancel_forced boolean not null default false,
  usage jsonb,
  -- What the provider chose where the request left it open, according to its answer.
  chosen jsonb,
  cost_estimated_micros bigint,
  cost_actual_micros bigint,
  cost_at_risk_micros bigint not null default 0,
  error jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- A job that still waits then expires. Null: it never does.
  expires_at timestamptz,
  -- The images of a job that succeeded were deleted then. Only such jobs have any.
  results_deleted_at timestamptz
);
comment on table kiln.jobs is
  'Jobs: one request for pictures each, from its submission to its end, with its place in the order of dispatch.';
-- Ids rise with time, so an ascending index fills its pages at its end; lists read it backwards.
create index jobs_by_project on kiln.jobs (project_id, id);
create index jobs_by_status on kiln.jobs (project_id, status, id);
create unique index jobs_by_batch on kiln.jobs (batch_id, row_number) where batch_id is not null;
-- The order of dispatch in each route, and the last job of each flow: a batch or a project
-- (records/jobs/fair-tags.ts).
create index jobs_waiting on kiln.jobs (route, priority, fair_tag, id) where status = 'queued'
  and dispatched_at is null and not parked;
create index jobs_waiting_by_flow on kiln.jobs (route, priority, (coalesce(batch_id, project_id)),
  fair_tag)
  where status = 'queued' and dispatched_at is null and not parked;
create index jobs_dispatched on kiln.jobs (pool, dispatched_at) where status = 'queued'
  and dispatched_at is not null;
create index jobs_leased on kiln.jobs (lease_expires_at) where status = 'in_progress';
create index jobs_held on kiln.jobs (pool) where status = 'held';
create index jobs_at_risk on kiln.jobs (pool) include (cost_at_risk_micros)
  where cost_at_risk_micros > 0;
create index jobs_expiring on kiln.jobs (expires_at) where status in ('queued', 'held')
  and expires_at is not null;
create index jobs_with_results on kiln.jobs (finished_at) where status = 'succeeded'
  and results_deleted_at is null;
-- Finds the jobs that need a file before it is deleted (records/files/files.ts).
create index jobs_needing_files on kiln.jobs using gin (source_file_ids)
  where source_file_ids is not null and status in ('queued', 'in_progress', 'held');

-- Finds text in the prompts of jobs that have ended (records/jobs/search-jobs.ts). Each of them
-- enters the index once, at its end, so that neither writing a million rows nor claiming a job pays
-- for it. Without the extension pg_trgm, searches read the newest jobs only. It can be added later:
-- create the extension, then this index.
do $$
declare
  schema name;
begin
  begin
    create extension if not exists pg_trgm with schema kiln;
  exception when others then
    raise notice 'pg_trgm is not available (%): searches in prompts read the newest jobs only',
      sqlerrm;
  end;
  select nspname into schema from pg_extension join pg_namespace n on n.oid = extnamespace
    where extname = 'pg_trgm';
  if schema is not null then
    execute format($index$
      create index jobs_by_prompt on kiln.jobs using gin ((request->>'prompt') %I.gin_trgm_ops)
        with (gin_pending_list_limit = 1024)
      where status in ('succeeded', 'failed', 'cancelled', 'expired')$index$, schema);
  end if;
end $$;

create table kiln.attempts (
  job_id text not null references kiln.jobs,
  no integer not null,
  project_id text not null,
  deployment text not null,
  pool text not null,
  status text not null default 'in_flight' check (status in
    ('in_flight', 'succeeded', 'refused', 'rejected', 'unusable', 'unknown')),
  worker text not null,
  http_status integer,
  provider_request_id text,
  error jsonb,
  usage jsonb,
  cost_micros bigint,
  at_risk_micros bigint not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (job_id, no)
);
comment on table kiln.attempts is
  'The ledger: every call to a provider, written before the call so that a crash leaves a trace.';

create table kiln.images (
  job_id text not null references kiln.jobs,
  index integer not null,
  project_id text not null,
  attempt_no integer not null,
  object_key text not null,
  format text not null,
  width integer not null,
  height integer not null,
  bytes bigint not null,
  sha256 text not null,
  created_at timestamptz not null default now(),
  primary key (job_id, index)
);
comment on table kiln.images
  is 'The pictures of jobs that succeeded. Their bytes are in the object store.';

create table kiln.input_image_tokens (
  model text not null,
  fidelity text not null check (fidelity in ('low', 'high')),
  mean double precision not null,
  -- How many pictures were counted, up to the number that the mean covers.
  pictures integer not null,
  primary key (model, fidelity)
);
comment on table kiln.input_image_tokens is
  'Mean input tokens that one source picture was billed for, which estimates use (records/jobs/input-image-tokens.ts).';

create table kiln.idempotency_keys (
  project_id text not null,
  key text not null,
  request_hash text not null,
  response_status smallint not null,
  -- json, not jsonb: the answer is repeated byte for byte, and jsonb changes the order of fields.
  response_body json not null,
  created_at timestamptz not null default now(),
  primary key (project_id, key)
);
comment on table kiln.idempotency_keys
  is 'Idempotency keys with the answers that repeated requests get.';
create index idempotency_keys_by_age on kiln.idempotency_keys (created_at);

create table kiln.maintenance_cursors (
  task text primary key,
  position text not null,
  updated_at timestamptz not null default now()
);
comment on table kiln.maintenance_cursors is
  'How far each maintenance task has come that goes through everything in several runs.';

-- Events -------------------------------------------------------------------------------------------

create table kiln.events (
  -- The order of writing. A transaction that commits late has an earlier seq than events that were
  -- read before its commit, so readers do not follow seq but position.
  seq bigint generated always as identity,
  -- The order in which events can be followed. kiln.stamp_events sets it after the commit, so every
  -- event that becomes readable comes after all that were readable before.
  position bigint,
  id text primary key default kiln.new_id('evt_'),
  project_id text not null,
  type text not null,
  job_id text,
  batch_id text,
  data jsonb not null,
  created_at timestamptz not null default now()
  -- Every row is updated once: dead entries of events_unstamped must not pile up.
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 20000);
comment on table kiln.events is
  'Events of jobs, batches, pools and webhook endpoints, written in the transaction of the change that they report.';
-- The statement that writes an event pays for two indexes, one of them tiny. The others hold an
-- event once it has its position.
create index events_unstamped on kiln.events (seq) where position is null;
create unique index events_by_position on kiln.events (position) where position is not null;
create index events_by_job on kiln.events (job_id, position) where position is not null
  and job_id is not null;
create index events_by_batch on kiln.events (batch_id, position) where position is not null
  and batch_id is not null;

create table kiln.newest_position (
  position bigint not null,
  only_row boolean primary key default true check (only_row)
);
comment on table kiln.newest_position is
  'One row: the last position that an event has. kiln.stamp_events locks it, so one process at a time gives positions.';
insert into kiln.newest_position (position) values (0);

-- The data of a batch's event: the same counts and cost as in its API object.
create function kiln.batch_event_data(batch kiln.batches) returns jsonb language sql stable as $$
  with row as (
    select coalesce(batch.row_count, 0) as total, batch.failed_count + batch.expired_count
      + batch.invalid_count as failed
  ), counts as (
    select total, failed, case when batch.status = 'cancelled' then greatest(batch.cancelled_count,
      total - batch.completed_count - failed)
      else batch.cancelled_count end as cancelled from row
  )
  select jsonb_build_object('id', batch.id, 'status', batch.status,
    'request_counts', jsonb_build_object('total', total, 'completed',
      batch.completed_count, 'failed', failed, 'cancelled', cancelled,
      'in_queue', greatest(0, total - batch.completed_count - failed - cancelled)),
    'cost', jsonb_build_object('currency', 'usd', 'estimated',
      batch.cost_estimated_micros / 1e6::float8,
      'actual', batch.cost_actual_micros / 1e6::float8, 'at_risk',
        batch.cost_at_risk_micros / 1e6::float8))
  from counts
$$;

-- Gives up to 1,000 committed events their positions in the order of seq, and returns how many. Of
-- two events of one job or batch the later one was written after the earlier was committed: it has
-- the larger seq, and this function never sees it without the other.
--
-- Also writes batch.progress events, at most one a second for each batch. They get their positions
-- here, after everything that happened until then. `due_ms`: the time until the next one is due;
-- null: none is.
create function kiln.stamp_events() returns table (stamped integer, due_ms double precision)
  language plpgsql as $$
declare
  ids text[];
  newest bigint;
  progress integer;
begin
  stamped := 0;
  if exists (select from kiln.events where position is null)
    or exists (select from kiln.batch_progress
      where due and published_at <= clock_timestamp() - interval '1 second') then
    select position into newest from kiln.newest_position for update;
    -- Separate statements: each sees everything that was committed before the lock was acquired.
    select coalesce(array_agg(id order by seq), '{}') into ids
      from (select id, seq from kiln.events where position is null order by seq limit 1000) as next;
    update kiln.events set position = newest + next.number
      from unnest(ids) with ordinality as next(id, number) where events.id = next.id;

    insert into kiln.batch_progress (batch_id)
      select distinct batch_id from kiln.events where id = any(ids) and batch_id is not null
        and type in ('job.succeeded', 'job.failed', 'job.cancelled', 'job.expired', 'job.held',
          'job.retrying')
      on conflict (batch_id) do update set due = true where not batch_progress.due;
    with ripe as (
      select batch_id, project_id, status in ('in_progress', 'finalizing', 'cancelling') as is_open,
        published, kiln.batch_event_data(batches) as data
      from kiln.batch_progress join kiln.batches on id = batch_id
        where due and published_at <= clock_timestamp() - interval '1 second'
    ), closed as (
      delete from kiln.batch_progress where batch_id in (select batch_id from ripe
        where not is_open)
    ), noted as (
      update kiln.batch_progress set due = false, published = data,
        published_at = case when data is distinct from ripe.published then clock_timestamp()
          else published_at end
      from ripe where batch_progress.batch_id = ripe.batch_id and is_open
    )
    insert into kiln.events (position, project_id, type, batch_id, data)
      select newest + cardinality(ids) + row_number() over (order by batch_id),
        project_id, 'batch.progress', batch_id, data
      from ripe where is_open and data is distinct from published;
    get diagnostics progress = row_count;

    stamped := cardinality(ids) + progress;
    if stamped > 0 then
      update kiln.newest_position set position = newest + stamped;
      perform pg_notify('kiln_events', (newest + stamped)::text);
    end if;
  end if;
  select greatest(0, extract(epoch from min(published_at) + interval '1 second' - clock_timestamp())
    * 1000) into due_ms
    from kiln.batch_progress where due having count(*) > 0;
  return next;
end $$;

-- Changes the counts and the cost of a batch in the transaction that changes those of one of its
-- jobs. A job that is queued again after its batch has ended puts the batch back in progress, with
-- an event. Notifies `kiln_batch_ended` when the last job has ended.
create function kiln.count_for_batch() returns trigger language plpgsql as $$
declare
  was_over boolean := false;
  ended bigint;
  due bigint;
begin
  if new.status = 'queued' then
    select status in ('finalizing', 'completed', 'expired', 'cancelled') into was_over
      from kiln.batches where id = new.batch_id for update;
  end if;
  update kiln.batches set
    completed_count = completed_count + (new.status = 'succeeded')::int
      - (old.status = 'succeeded')::int,
    failed_count = failed_count + (new.status = 'failed')::int - (old.status = 'failed')::int,
    cancelled_count = cancelled_count + (new.status = 'cancelled')::int
      - (old.status = 'cancelled')::int,
    expired_count = expired_count + (new.status = 'expired')::int - (old.status = 'expired')::int,
    cost_actual_micros = cost_actual_micros + coalesce(new.cost_actual_micros, 0)
      - coalesce(old.cost_actual_micros, 0),
    cost_at_risk_micros = cost_at_risk_micros + new.cost_at_risk_micros - old.cost_at_risk_micros,
    input_tokens = input_tokens + coalesce((new.usage->>'input_tokens')::bigint,
      0) - coalesce((old.usage->>'input_tokens')::bigint, 0),
    output_tokens = output_tokens + coalesce((new.usage->>'output_tokens')::bigint,
      0) - coalesce((old.usage->>'output_tokens')::bigint, 0),
    status = case when was_over then 'in_progress' else status end,
    finished_at = case when was_over then null else finished_at end
  where id = new.batch_id
  returning completed_count + failed_count + cancelled_count + expired_count,
    total_count into ended, due;
  if was_over then
    insert into kiln.events (project_id, type, batch_id, data)
      select project_id, 'batch.in_progress', id, kiln.batch_event_data(batches) from kiln.batches
        where id = new.batch_id;
  end if;
  if ended >= due then
    perform pg_notify('kiln_batch_ended', new.batch_id);
  end if;
  return null;
end $$;
create trigger count_for_batch after update on kiln.jobs for each row
  when (new.batch_id is not null and (new.status, new.cost_actual_micros, new.cost_at_risk_micros)
    is distinct from (old.status, old.cost_actual_micros, old.cost_at_risk_micros))
  execute function kiln.count_for_batch();

-- Parks a job that returns to the queue of a paused batch, like the others that wait there.
create function kiln.park_with_batch() returns trigger language plpgsql as $$
begin
  new.parked := exists (select from kiln.batches where id = new.batch_id and paused_at is not null);
  return new;
end $$;
create trigger park_with_batch before update on kiln.jobs for each row
  when (new.batch_id is not null and new.status = 'queued' and old.status <> 'queued')
  execute function kiln.park_with_batch();

-- Webhooks -----------------------------------------------------------------------------------------

create table kiln.webhook_endpoints (
  id text primary key,
  project_id text not null,
  url text not null,
  events text[] not null,
  description text,
  status text not null default 'enabled' check (status in ('enabled', 'disabled')),
  -- Earlier events are not sent to the endpoint.
  enabled_at timestamptz not null default now(),
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('requested', 'gone', 'failing')),
  -- Plain text, because signing needs it. Deleting the endpoint removes it.
  secret text,
  -- [{secret, until}], the newest first. Each secret that was replaced signs for another day, so
  -- that repeating a rotation whose answer was lost does not invalidate the secret that the
  -- receiver knows.
  previous_secrets jsonb not null default '[]',
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
comment on table kiln.webhook_endpoints is
  'Receivers of events. The row of a deleted endpoint stays while deliveries refer to it; the API no longer shows it.';
create index webhook_endpoints_by_project on kiln.webhook_endpoints (project_id, id desc)
  where deleted_at is null;

create table kiln.webhook_secrets (
  project_id text primary key,
  secret text not null,
  previous_secrets jsonb not null default '[]',
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);
comment on table kiln.webhook_secrets is
  'The secret of each project, which signs the webhooks that a job or a batch asks for.';

-- The entries of a list of previous secrets that still sign.
create function kiln.unexpired_secrets(previous jsonb) returns jsonb language sql volatile as $$
  select coalesce(jsonb_agg(entry order by number), '[]')
    from jsonb_array_elements(previous) with ordinality as each(entry, number)
  where (entry->>'until')::timestamptz > clock_timestamp()
$$;

-- The list of previous secrets after `secret` was replaced: at most `most` entries.
create function kiln.retire_secret(secret text, previous jsonb, hours integer, most integer)
  returns jsonb language sql volatile as $$
  select jsonb_agg(entry order by number) from jsonb_array_elements(
    jsonb_build_array(jsonb_build_object('secret', secret, 'until',
      clock_timestamp() + hours * interval '1 hour')) || kiln.unexpired_secrets(previous)
  ) with ordinality as each(entry, number) where number <= most
$$;

create table kiln.webhook_cursor (
  position bigint not null,
  only_row boolean primary key default true check (only_row)
);
comment on table kiln.webhook_cursor is
  'One row: events up to this position have become deliveries. Its lock lets one process at a time create deliveries.';
insert into kiln.webhook_cursor (position) values (0);

create table kiln.deliveries (
  id text primary key default kiln.new_id('dlv_'),
  project_id text not null,
  -- Null: the job or the batch asked for this delivery.
  endpoint_id text references kiln.webhook_endpoints,
  -- The URL of a request's own webhook. An endpoint's URL is in its row.
  url text,
  -- Deliveries to one receiver share its slots. It is the endpoint, or one origin of the URLs that
  -- a project's jobs and batches name.
  receiver text not null,
  event_id text not null,
  event_type text not null,
  event_created_at timestamptz not null,
  event_data jsonb not null,
  job_id text,
  batch_id text,
  request_id text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  failure text check
    (failure in ('exhausted', 'gone', 'endpoint_disabled', 'endpoint_deleted', 'secret_missing')),
  tries_made integer not null default 0,
  -- Tries since the delivery was last requested: its position in the schedule.
  tries_of_run integer not null default 0,
  next_try_at timestamptz default now(),
  -- Dispatched to the queue engine for the dispatch_no-th time. A work item of an earlier dispatch
  -- is stale and is dropped.
  dispatch_no integer not null default 0,
  -- Until then the delivery counts as on its way to a worker, or as being sent by one.
  lease_expires_at timestamptz,
  sending_since timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
comment on table kiln.deliveries is 'One event on its way to one receiver, over all its tries.';
create unique index deliveries_once on kiln.deliveries (event_id, (coalesce(endpoint_id, '')));
create index deliveries_by_project on kiln.deliveries (project_id, id desc);
create index deliveries_by_status on kiln.deliveries (project_id, status, id desc);
create index deliveries_by_endpoint on kiln.deliveries (endpoint_id, status, id desc)
  where endpoint_id is not null;
create index deliveries_waiting on kiln.deliveries (receiver, next_try_at) where status = 'pending'
  and lease_expires_at is null;
create index deliveries_next on kiln.deliveries (next_try_at) where status = 'pending'
  and lease_expires_at is null;
create index deliveries_out on kiln.deliveries (receiver, lease_expires_at) where status = 'pending'
  and lease_expires_at is not null;
create index deliveries_by_age on kiln.deliveries (created_at) where status <> 'pending';

create table kiln.delivery_tries (
  delivery_id text not null references kiln.deliveries on delete cascade,
  no integer not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  http_status integer,
  error text,
  -- The first 4 kB of the receiver's answer.
  answer text,
  primary key (delivery_id, no)
);
comment on table kiln.delivery_tries
  is 'Every try of a delivery: one HTTP request to its receiver.';

create table kiln.webhook_receivers (
  receiver text primary key,
  -- Every try since then has failed.
  failing_since timestamptz,
  -- How long the last successful delivery took; null before the first one.
  answer_ms integer,
  updated_at timestamptz not null default now()
);
comment on table kiln.webhook_receivers is
  'How the deliveries to each receiver went. Decides how many slots it gets, and when its endpoint is disabled.';
create index webhook_receivers_by_age on kiln.webhook_receivers (updated_at);

-- Dispatches deliveries that are due, as far as slots are free. A receiver is prompt while its last
-- delivery succeeded within prompt_ms and none of its deliveries has been out for longer; any other
-- receiver is slow. A prompt receiver has prompt_slots, a slow one slow_slots; all prompt receivers
-- together have all_prompt_slots, all slow ones all_slow_slots. Receivers with fewer slots in use
-- come first.
--
-- Late deliveries of a receiver whose last answer was prompt do not occupy its slow_slots: its
-- worker may have died, or a single request may hang. It never has more than prompt_slots out. A
-- receiver that turns slow takes no more than slow_slots from the other slow ones, however much it
-- has out.
--
-- This is a function because it must see, after it has acquired the lock, what was dispatched
-- before; and because the server finishes it even if the calling process is frozen or killed, so no
-- other process waits for a dead one.
create function kiln.take_due_deliveries(prompt_slots integer, slow_slots integer,
  all_prompt_slots integer, all_slow_slots integer,
  prompt_ms integer, dispatch_ms integer)
returns table (dispatches json, looked_at timestamptz) language plpgsql
-- A connection plans the statement once, maybe while the table is still empty.
set enable_seqscan = off as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('kiln deliveries', 0));
  looked_at := clock_timestamp();
  return query
    with recursive waiting (receiver) as (
      -- One index lookup for each receiver, however many deliveries it has and whenever they are
      -- due.
      select (select d.receiver from kiln.deliveries d where status = 'pending'
        and lease_expires_at is null
        order by d.receiver limit 1)
      union all
      select (select d.receiver from kiln.deliveries d where status = 'pending'
        and lease_expires_at is null
        and d.receiver > waiting.receiver order by d.receiver limit 1)
      from waiting where waiting.receiver is not null
    ), busy as (
      select d.receiver, count(*)::int as out,
        (count(*) filter (where sending_since < take_due_deliveries.looked_at - prompt_ms *
          interval '1 millisecond'))::int as late
      from kiln.deliveries d where status = 'pending' and lease_expires_at is not null
        group by d.receiver
    ), known as (
      select receiver, coalesce(out, 0) as out, coalesce(late, 0) as late,
        coalesce(failing_since is null and answer_ms <= prompt_ms, false) as was_prompt
      from (select waiting.receiver from waiting where waiting.receiver is not null
        union select busy.receiver from busy) as named
      left join busy using (receiver) left join kiln.webhook_receivers using (receiver)
    ), judged as (
      select *, was_prompt and late = 0 as is_prompt,
        case when was_prompt and late = 0 then prompt_slots else slow_slots end as slots
      from known
    ), free as (
      -- Once slow receivers together have all_prompt_slots + all_slow_slots deliveries out, none of
      -- them gets more, so that receivers that hang at the same time cannot occupy every worker.
      select is_prompt, case when is_prompt then all_prompt_slots - sum(out)
        else all_slow_slots - greatest(sum(least(out, slots)), sum(out) - all_prompt_slots)
        end as slots
      from judged group by is_prompt
    ), due as (
      select d.id, is_prompt, slots - unused + row_number() over (partition by receiver
        order by d.next_try_at) as slot, d.next_try_at
      from judged
      cross join lateral (
        select greatest(0, least(prompt_slots, slots + case when was_prompt then late else 0 end) -
          out) as unused
      ) as its
      cross join lateral (
        -- Receiver and time are searched together: only the index deliveries_waiting serves that,
        -- so the planner needs no statistics to choose it.
        select id, next_try_at from kiln.deliveries
        where status = 'pending' and lease_expires_at is null
          and (deliveries.receiver, next_try_at) >= (judged.receiver, '-infinity')
          and (deliveries.receiver, next_try_at)
            <= (judged.receiver, take_due_deliveries.looked_at)
        order by deliveries.receiver, next_try_at limit unused
      ) as d
    ), ranked as (
      select id, is_prompt, row_number() over (partition by is_prompt
        order by slot, next_try_at) as rank from due
    ), dispatched as (
      update kiln.deliveries set dispatch_no = dispatch_no + 1, lease_expires_at = clock_timestamp()
        + dispatch_ms * interval '1 millisecond'
      where id in (
        select id from ranked join free using (is_prompt) where rank <= free.slots
      )
      -- It may have been failed since this statement began to read.
      and status <> 'failed'
      returning id, dispatch_no
    )
    select coalesce((select json_agg(json_build_object('deliveryId', id, 'dispatchNo', dispatch_no))
      from dispatched), '[]'),
      take_due_deliveries.looked_at;
end $$;
