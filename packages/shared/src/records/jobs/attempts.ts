/** Reads the ledger: every call that was made for a job. */
import type { Selectable } from 'kysely';
import type { JobStatus } from '../../domain/job-state.ts';
import type { Database } from '../database/open-records.ts';
import type { Schema } from '../database/schema.ts';

export type AttemptRow = Selectable<Schema['kiln.attempts']>;

export function listAttempts(db: Database, jobId: string): Promise<AttemptRow[]> {
  return db
    .selectFrom('kiln.attempts')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('no')
    .execute();
}

/** An attempt with the status of its job. */
export function findAttempt(
  db: Database,
  jobId: string,
  no: number,
): Promise<(AttemptRow & { job_status: JobStatus }) | undefined> {
  return db
    .selectFrom('kiln.attempts')
    .innerJoin('kiln.jobs', 'kiln.jobs.id', 'kiln.attempts.job_id')
    .selectAll('kiln.attempts')
    .select('kiln.jobs.status as job_status')
    .where('job_id', '=', jobId)
    .where('no', '=', no)
    .executeTakeFirst();
}
