-- Webhooks: where events are sent, what signs them, and each event's way to each receiver, try by try.
create table kiln.webhook_endpoints (
  id text primary key,
  project_id text not null,
  url text not null,
  events text[] not null,
  description text,
  status text not null default 'enabled' check (status in ('enabled', 'disabled')),
  -- Events of before are not sent there.
  enabled_at timestamptz not null default now(),
  disabled_at timestamptz,
  disabled_reason text check (disabled_reason in ('requested', 'gone', 'failing')),
  -- In clear, as they sign; gone with the endpoint.
  secret text,
  previous_secret text,
  previous_secret_until timestamptz,
  created_at timestamptz not null default now(),
  -- The row stays for its deliveries; for everybody else there is no such endpoint any more.
  deleted_at timestamptz
);
create index webhook_endpoints_by_project on kiln.webhook_endpoints (project_id, id desc) where deleted_at is null;

-- What signs the webhooks that a job or a batch asks for.
create table kiln.webhook_secrets (
  project_id text primary key,
  secret text not null,
  previous_secret text,
  previous_secret_until timestamptz,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);

alter table kiln.jobs
  -- {url, events}, where the job asked for it. A batch has its own in its options.
  add column webhook jsonb;

-- One row: events up to this position have become deliveries. Its lock is the turn to make them.
create table kiln.webhook_cursor (
  position bigint not null,
  only_row boolean primary key default true check (only_row)
);
insert into kiln.webhook_cursor (position) select position from kiln.newest_position;

create table kiln.deliveries (
  id text primary key default kiln.new_id('dlv_'),
  project_id text not null,
  -- null: the job or the batch asked for it.
  endpoint_id text references kiln.webhook_endpoints,
  -- Of a request's own webhook; an endpoint's is where the endpoint is.
  url text,
  -- What it shares its places with: its endpoint, or a project's other deliveries to one origin.
  lane text not null,
  event_id text not null,
  event_type text not null,
  event_created_at timestamptz not null,
  event_data jsonb not null,
  job_id text,
  batch_id text,
  request_id text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  failure text check (failure in ('exhausted', 'gone', 'endpoint_disabled', 'endpoint_deleted', 'secret_missing')),
  tries_made integer not null default 0,
  -- Of these, since it was asked for last: how far it has come in the schedule.
  tries_of_run integer not null default 0,
  next_try_at timestamptz default now(),
  -- Handed to the queue engine for the hand_no-th time. A work item of an earlier time is stale and is dropped.
  hand_no integer not null default 0,
  -- Until when it is taken for on its way to a worker, or in its hands.
  lease_expires_at timestamptz,
  sending_since timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index deliveries_once on kiln.deliveries (event_id, (coalesce(endpoint_id, '')));
create index deliveries_by_project on kiln.deliveries (project_id, id desc);
create index deliveries_by_status on kiln.deliveries (project_id, status, id desc);
create index deliveries_by_endpoint on kiln.deliveries (endpoint_id, status, id desc) where endpoint_id is not null;
create index deliveries_waiting on kiln.deliveries (lane, next_try_at) where status = 'pending' and lease_expires_at is null;
create index deliveries_next on kiln.deliveries (next_try_at) where status = 'pending' and lease_expires_at is null;
create index deliveries_out on kiln.deliveries (lane, lease_expires_at) where status = 'pending' and lease_expires_at is not null;
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

-- How the deliveries of a lane have fared. One without a row, or that fails, is given few places.
create table kiln.webhook_lanes (
  lane text primary key,
  succeeded_at timestamptz,
  -- Since when nothing succeeds.
  failing_since timestamptz,
  updated_at timestamptz not null default now()
);
create index webhook_lanes_by_age on kiln.webhook_lanes (updated_at);
