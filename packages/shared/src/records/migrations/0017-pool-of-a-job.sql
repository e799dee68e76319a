-- A job gets its pool from the statement that has just read it, and pools are never deleted: what
-- was checked for each job that is written or dispatched can't be wrong.
alter table kiln.jobs drop constraint jobs_pool_fkey;
