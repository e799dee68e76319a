-- Rows of a file become jobs a thousand at a time: what each of them pays for here is paid a
-- million times.

-- A job is written by the statement that locks its batch, and batches are never deleted: looking
-- the batch up again for each row was a third of writing it.
alter table kiln.jobs drop constraint jobs_batch_id_fkey;

-- Ids rise with time, and an index that rises as well is filled at its end, page by full page;
-- newest first, it is read backwards.
drop index kiln.jobs_by_project;
drop index kiln.jobs_by_status;
create index jobs_by_project on kiln.jobs (project_id, id);
create index jobs_by_status on kiln.jobs (project_id, status, id);
