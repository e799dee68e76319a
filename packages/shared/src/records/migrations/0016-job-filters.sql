-- Lists of jobs by a caller's own id, and by the code of their error (records/jobs/jobs.ts).
create index jobs_by_custom_id on kiln.jobs (project_id, custom_id, id)
  where custom_id is not null;
create index jobs_by_error on kiln.jobs (project_id, (error ->> 'code'), id)
  where error is not null;

-- Finds metadata of jobs that have ended (records/jobs/search-jobs.ts). Like a prompt, the metadata
-- of a job enters the index once, at its end, so that neither writing a million rows nor claiming a
-- job pays for it.
create index jobs_by_metadata on kiln.jobs using gin (metadata jsonb_path_ops)
  with (gin_pending_list_limit = 1024)
  where status in ('succeeded', 'failed', 'cancelled', 'expired') and metadata <> '{}';
