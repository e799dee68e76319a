-- The rows of a batch by their numbers, also those that are no jobs (records/batches/row-pages.ts).

-- The number of the last row of the file. `last_row` goes back when a batch is cancelled before all
-- its rows were read. Null: an earlier release validated the file.
alter table kiln.batches add column file_last_row integer;

-- Finds and counts the few rows of a large batch that have no picture.
create index jobs_failed_by_row on kiln.jobs (batch_id, row_number)
  where batch_id is not null and status in ('failed', 'expired');
