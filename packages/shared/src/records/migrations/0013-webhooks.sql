-- Webhooks: where events are sent, what signs them, and each event's way to each receiver, try by
-- try.
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
  -- Handed to the queue engine for the hand_no-th time. A work item of an earlier time is stale and
  -- is dropped.
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

-- Hands out what is due, as far as there are places: so many of a lane that answers (trusted) and
-- of one that does not or of which nothing is known (suspect), and so many of all lanes of either
-- kind. Lanes take turns. Beginning behind after_lane, at most most_lanes are looked at.
--
-- A function, because the turn is a lock and what was handed out before has to be seen once it has
-- come; and because the server finishes it though the process that called it is frozen or killed:
-- nobody waits for the dead.
create function kiln.take_due_deliveries(trusted integer, suspect integer, of_all_trusted integer, of_all_suspect integer,
  hand_ms integer, after_lane text, most_lanes integer)
returns table (hands json, lanes integer, last_lane text, looked_at timestamptz) language plpgsql
-- The plan is made once a connection, maybe while the table is empty.
set enable_seqscan = off as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('kiln deliveries', 0));
  looked_at := clock_timestamp();
  return query
    with recursive waiting (lane, place) as (
      -- One look into an index for each lane, whatever it holds and whenever that is due.
      select (select d.lane from kiln.deliveries d where status = 'pending' and lease_expires_at is null and d.lane > after_lane
        order by d.lane limit 1), 1
      union all
      select (select d.lane from kiln.deliveries d where status = 'pending' and lease_expires_at is null and d.lane > waiting.lane
        order by d.lane limit 1), place + 1
      from waiting where waiting.lane is not null and place < most_lanes
    ), sent as (
      select d.lane, count(*)::int as out from kiln.deliveries d where status = 'pending' and lease_expires_at is not null group by d.lane
    ), known as (
      select candidate.lane, coalesce(sent.out, 0) as out,
        coalesce(fared.succeeded_at is not null and fared.failing_since is null, false) as is_trusted
      from (select waiting.lane from waiting where waiting.lane is not null union select sent.lane from sent) as candidate
      left join sent using (lane) left join kiln.webhook_lanes fared using (lane)
    ), due as (
      select d.id, is_trusted, known.out + row_number() over (partition by known.lane order by d.next_try_at) as place, d.next_try_at
      from known cross join lateral (
        select id, next_try_at from kiln.deliveries where deliveries.lane = known.lane and status = 'pending' and lease_expires_at is null
          and next_try_at <= take_due_deliveries.looked_at
        order by next_try_at limit greatest(0, case when is_trusted then trusted else suspect end - known.out)
      ) as d
    ), ranked as (
      select id, is_trusted, row_number() over (partition by is_trusted order by place, next_try_at) as rank from due
    ), handed as (
      update kiln.deliveries set hand_no = hand_no + 1, lease_expires_at = clock_timestamp() + hand_ms * interval '1 millisecond'
      where id in (
        select id from ranked where rank <= case when is_trusted then of_all_trusted else of_all_suspect end
          - (select coalesce(sum(known.out), 0) from known where known.is_trusted = ranked.is_trusted)
      ) returning id, hand_no
    )
    select coalesce((select json_agg(json_build_object('deliveryId', id, 'handNo', hand_no)) from handed), '[]'),
      (select count(*)::int from waiting where waiting.lane is not null), (select max(waiting.lane) from waiting),
      take_due_deliveries.looked_at;
end $$;
