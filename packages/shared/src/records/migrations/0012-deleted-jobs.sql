-- When a caller deleted the job. Its request, its metadata and its pictures are gone. The row stays
-- for the ledger of its calls and for the counts and costs of its batch.
alter table kiln.jobs add column deleted_at timestamptz;
