-- Several pools may serve a job: it waits in a route (models/routes.ts), gets its pool when it is
-- dispatched and its deployment when it is called for.
alter table kiln.jobs
  alter column deployment drop not null,
  alter column pool drop not null,
  -- A default is not written to the rows there are, however many: only those it is wrong for are.
  -- It stays for processes of the release before, which know nothing of routes and are still being
  -- replaced.
  add column route text not null default '*';
update kiln.jobs set route = 'simulator' where deployment = 'simulator';

-- The order of dispatch in each route; and the last job of each flow, a batch or a project
-- (fair-tags.ts).
drop index kiln.jobs_queued;
create index jobs_waiting on kiln.jobs (route, priority, fair_tag, id) where status = 'queued' and dispatched_at is null;
create index jobs_waiting_by_flow on kiln.jobs (route, priority, (coalesce(batch_id, project_id)), fair_tag)
  where status = 'queued' and dispatched_at is null;

-- Deployments that do not work (their key, their name): a row each, until one of them answers again
-- (quota/pool-guard.ts).
create table kiln.paused_deployments (
  name text primary key,
  pool text not null,
  reason text not null,
  paused_until timestamptz not null,
  -- Spacing of the calls that try it, and whether one of them is under way.
  probe_ms double precision not null,
  probing boolean not null default false
);
