-- Files are deleted softly: the object goes, the row stays as a tombstone, for batches name their
-- files for good.
alter table kiln.files add column deleted_at timestamptz;

-- What is there, newest first; and what goes by the clock.
drop index kiln.files_by_project;
create index files_by_project on kiln.files (project_id, id desc) where deleted_at is null;
create index files_expiring on kiln.files (expires_at) where deleted_at is null and expires_at is not null;
create index files_by_age on kiln.files (created_at) where deleted_at is null;

-- Batches that still need their files (records/files/files.ts); there are few of them at a time.
create index batches_unfinished on kiln.batches (input_file_id)
  where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
