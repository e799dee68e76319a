-- A bulk action that Kiln cannot go on with rests between its runs, and ends after a few.
alter table kiln.bulk_actions
  -- Runs that an error stopped, and workers that were lost, since the last chunk.
  add column failed_runs integer not null default 0,
  add column lost_workers integer not null default 0,
  add column retry_at timestamptz,
  add column request_id text not null;

-- A stop takes hold at once, because a chunk is written only while the action is running.
alter table kiln.bulk_actions drop constraint bulk_actions_status_check;
alter table kiln.bulk_actions add constraint bulk_actions_status_check
  check (status in ('queued', 'running', 'stopped', 'completed', 'failed'));
drop index kiln.bulk_actions_open;
create index bulk_actions_open on kiln.bulk_actions (id) where status in ('queued', 'running');

-- The bulk action that put an image in the trash, so that it can be undone. Null: a caller did.
alter table kiln.images add column trashed_by text;
