-- Edits: the pictures that jobs need, and what such pictures have been billed for.

-- Files a job sends along; null for generations.
alter table kiln.jobs add column source_file_ids text[];
-- Asked before a file is deleted (records/files/files.ts). Rows without sources are not in it.
create index jobs_needing_files on kiln.jobs using gin (source_file_ids)
  where source_file_ids is not null and status in ('queued', 'in_progress', 'held');

-- Pictures that were uploaded with a batch, by the names its rows call them by.
alter table kiln.batches add column source_files jsonb;

-- Mean input tokens of one picture (records/jobs/input-image-tokens.ts).
create table kiln.input_image_tokens (
  model text not null,
  fidelity text not null check (fidelity in ('low', 'high')),
  mean double precision not null,
  -- How many have been counted, up to the number over which the mean runs.
  pictures integer not null,
  primary key (model, fidelity)
);
