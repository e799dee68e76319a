/** Reading the ledger: every call that was made for a job. */
import type { Selectable } from 'kysely';
import type { Database } from './open-records.ts';
import type { Schema } from './schema.ts';

export type AttemptRow = Selectable<Schema['kiln.attempts']>;

export function listAttempts(db: Database, jobId: string): Promise<AttemptRow[]> {
  return db.selectFrom('kiln.attempts').selectAll().where('job_id', '=', jobId).orderBy('no').execute();
}

export function findAttempt(db: Database, jobId: string, no: number): Promise<AttemptRow | undefined> {
  return db.selectFrom('kiln.attempts').selectAll().where('job_id', '=', jobId).where('no', '=', no).executeTakeFirst();
}
