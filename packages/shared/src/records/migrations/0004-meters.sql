-- Quotas of images and tokens a minute beside those of requests (quota/pool-statements.ts).

alter table kiln.pools
  -- Null: the provider does not count requests. `interval_ms` then spaces the lightest starts.
  alter column rpm drop not null,
  -- Images and tokens a minute; null: the provider does not count them.
  add column ipm double precision,
  add column tpm double precision,
  -- The provider's minute, with the slack of the pace. Null: interval_ms * rpm.
  add column minute_ms double precision,
  -- The time that one image and one token take of their meters.
  add column image_ms double precision,
  add column token_ms double precision,
  -- When these meters allow their next starts. next_start_at is that of the requests.
  add column next_image_at timestamptz not null default 'epoch',
  add column next_token_at timestamptz not null default 'epoch',
  -- The weights of the starts of the last minute, oldest first. Starts in the same hundredth of a
  -- minute share an entry, which has the time of the last of them. Empty without ipm and tpm.
  add column recent_at timestamptz[] not null default '{}',
  add column recent_images integer[] not null default '{}',
  add column recent_tokens integer[] not null default '{}',
  -- The starts of the pool's own minute and of the one before it: what Kiln itself uses.
  add column minute_at timestamptz not null default 'epoch',
  add column minute_starts integer not null default 0,
  add column last_minute_starts integer not null default 0,
  -- What the provider's answers say of its own limits.
  add column reported jsonb;

-- A row of a busy pool is rewritten at every start: keep it in its page, uncompressed.
alter table kiln.pools
  alter column recent_at set storage plain,
  alter column recent_images set storage plain,
  alter column recent_tokens set storage plain;

alter table kiln.jobs
  -- What the job's start takes of the meters: its images, and an upper estimate of its tokens. Null
  -- tokens: the job was accepted before they were estimated.
  add column n smallint not null default 1,
  add column tokens_estimated integer;

update kiln.jobs set n = least(10, (request ->> 'n')::int)
where status in ('queued', 'held', 'in_progress') and request ->> 'n' ~ '^[1-9][0-9]?$'
  and request ->> 'n' <> '1';

-- The order of dispatch in each route, with what a position needs to become a time.
drop index kiln.jobs_waiting;
create index jobs_waiting on kiln.jobs (route, priority, fair_tag, id) include (n, tokens_estimated)
  where status = 'queued' and dispatched_at is null and not parked;
