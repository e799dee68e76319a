-- What the clock does to the records: jobs with a deadline expire, results go by age, store and
-- records are compared.

-- When a job that still waits expires; null: never.
alter table kiln.jobs add column expires_at timestamptz;
create index jobs_expiring on kiln.jobs (expires_at) where status in ('queued', 'held') and expires_at is not null;

-- Since when a job that has succeeded has no images any more. Only succeeded jobs ever have any.
alter table kiln.jobs add column results_deleted_at timestamptz;
create index jobs_with_results on kiln.jobs (finished_at) where status = 'succeeded' and results_deleted_at is null;

-- How far a task has come that goes through everything in several runs.
create table kiln.maintenance_cursors (
  task text primary key,
  position text not null,
  updated_at timestamptz not null default now()
);
