-- The records: the only source of truth. Every row carries its project. Statuses are those of
-- domain/*-state.ts. Money is counted in micro-dollars; times that decide anything are the
-- database's own.

-- A UUIDv7 (RFC 9562) without hyphens behind its prefix, as ids.ts makes them.
create function kiln.new_id(prefix text) returns text language sql volatile as $$
  select prefix || lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14)
$$;

create table kiln.pools (
  name text primary key,
  project_id text not null default 'default',
  rpm double precision not null,
  -- Spacing of starts and how much lateness may be made up for (quota/pace.ts).
  interval_ms double precision not null,
  catch_up_ms double precision not null,
  next_start_at timestamptz not null default 'epoch',
  blocked_until timestamptz,
  blocked_reason text,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);

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
  expires_at timestamptz
);
create index files_by_project on kiln.files (project_id, id desc);

create table kiln.batches (
  id text primary key,
  project_id text not null,
  status text not null check (status in
    ('validating', 'failed', 'in_progress', 'finalizing', 'completed', 'expired', 'cancelling', 'cancelled')),
  endpoint text not null,
  input_file_id text not null references kiln.files,
  output_file_id text references kiln.files,
  error_file_id text references kiln.files,
  options jsonb not null default '{}',
  metadata jsonb not null default '{}',
  errors jsonb,
  total_count integer not null default 0,
  completed_count integer not null default 0,
  failed_count integer not null default 0,
  paused_at timestamptz,
  deadline_at timestamptz,
  created_at timestamptz not null default now(),
  in_progress_at timestamptz,
  finished_at timestamptz
);
create index batches_by_project on kiln.batches (project_id, id desc);

create table kiln.jobs (
  id text primary key,
  project_id text not null,
  batch_id text references kiln.batches,
  row_number integer,
  custom_id text,
  status text not null default 'queued' check (status in
    ('queued', 'in_progress', 'held', 'succeeded', 'failed', 'cancelled', 'expired')),
  endpoint text not null,
  model text not null,
  deployment text not null,
  pool text not null references kiln.pools,
  request jsonb not null,
  metadata jsonb not null,
  warnings jsonb not null,
  -- 0 interactive, 1 bulk; then the fair-share tag; then the time-ordered id.
  priority smallint not null,
  fair_tag double precision not null default 0,
  available_at timestamptz not null default now(),
  -- Handed to the queue engine since, for the dispatch_no-th time. A work item of an earlier
  -- dispatch is stale and is dropped.
  dispatched_at timestamptz,
  dispatch_no integer not null default 0,
  -- The worker process that executes it, and until when its claim holds without a heartbeat.
  lease_owner text,
  lease_expires_at timestamptz,
  attempts_made integer not null default 0,
  max_attempts integer not null,
  cancel_requested_at timestamptz,
  cancel_forced boolean not null default false,
  request_id text not null,
  usage jsonb,
  cost_estimated_micros bigint,
  cost_actual_micros bigint,
  cost_at_risk_micros bigint not null default 0,
  error jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index jobs_queued on kiln.jobs (pool, priority, fair_tag, id) include (deployment) where status = 'queued';
create index jobs_dispatched on kiln.jobs (pool, dispatched_at) where status = 'queued' and dispatched_at is not null;
create index jobs_held on kiln.jobs (pool) where status = 'held';
create index jobs_at_risk on kiln.jobs (pool) include (cost_at_risk_micros) where cost_at_risk_micros > 0;
create index jobs_leased on kiln.jobs (lease_expires_at) where status = 'in_progress';
create index jobs_by_project on kiln.jobs (project_id, id desc);
create index jobs_by_status on kiln.jobs (project_id, status, id desc);
create unique index jobs_by_batch on kiln.jobs (batch_id, row_number) where batch_id is not null;

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

create table kiln.events (
  seq bigint generated always as identity primary key,
  id text not null unique default kiln.new_id('evt_'),
  project_id text not null,
  type text not null,
  job_id text,
  batch_id text,
  data jsonb not null,
  created_at timestamptz not null default now()
);
create index events_by_job on kiln.events (job_id, seq) where job_id is not null;
create index events_by_age on kiln.events (created_at);

create table kiln.idempotency_keys (
  project_id text not null,
  key text not null,
  request_hash text not null,
  response_status smallint not null,
  -- json, not jsonb: the answer is repeated byte for byte, and jsonb re-orders fields.
  response_body json not null,
  created_at timestamptz not null default now(),
  primary key (project_id, key)
);
create index idempotency_keys_by_age on kiln.idempotency_keys (created_at);
