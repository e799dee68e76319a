-- The tags of jobs and batches that are asked to run next (records/jobs/fair-tags.ts). Each is
-- lower than all before it, so the last one asked for goes first.
create sequence kiln.run_next_tags as bigint increment by -1
  minvalue -1000000000000 maxvalue -2 start with -2;

-- The tags of the waiting jobs of a batch begin here while it runs next; null: they take turns.
alter table kiln.batches add column run_next_tag double precision;
