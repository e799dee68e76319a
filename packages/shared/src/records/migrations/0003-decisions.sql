-- An explicit retry gives a job a fresh start: attempts up to this number stay in the ledger, and
-- no longer count against it.
alter table kiln.jobs add column retried_after_no integer not null default 0;
-- How often a worker was lost with the job in its hands, since that start.
alter table kiln.jobs add column crashes integer not null default 0;
