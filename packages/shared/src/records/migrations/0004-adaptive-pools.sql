-- What a pool learns from refusals, and why it is closed (quota/pool-guard.ts).
alter table kiln.pools
  -- The share of its quota a pool believes in: less after refusals nobody explained, more again
  -- minute by minute.
  add column pace_share double precision not null default 1,
  -- Since when the share and the count of refusals stand as they are.
  add column adjusted_at timestamptz not null default 'epoch',
  -- Refused calls since the last one that was answered; those of one moment count once.
  add column refusals integer not null default 0,
  -- null: open, or blocked for a while. A fault is probed by one call at a time; an operator's
  -- pause only an operator ends.
  add column paused_by text check (paused_by in ('fault', 'operator')),
  add column probe_ms double precision,
  -- A probe has been let out and not been told of yet: only its failure makes the next one rarer.
  add column probing boolean not null default false,
  -- pool.blocked was told, and pool.resumed is owed.
  add column announced boolean not null default false;
