/** What is closed now, and by which job and words: few rows, whatever the backlog. */
import { sql } from 'kysely';
import type { Database } from './database/open-records.ts';

/** The job that was refused, and the provider's words. */
interface Because {
  code: string | null;
  jobId: string | null;
  message: string | null;
  /** Unix seconds: until then, or until the next probe. */
  until: number | null;
}

export interface Pauses {
  pools: (Because & { name: string; pausedBy: 'fault' | 'operator' | null; isBlocked: boolean })[];
  deployments: (Because & { name: string })[];
  models: (Because & { deployment: string; model: string })[];
  /** The open refusals of the given jobs. */
  refusals: (Because & { jobId: string })[];
}

const untilOf = (time: string) => sql.raw(`extract(epoch from ${time})::float8`);

export async function listPauses(db: Database, jobIds: readonly string[]): Promise<Pauses> {
  const { rows } = await sql<Pauses>`
    select
      (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'pausedBy', paused_by,
          'isBlocked', coalesce(blocked_until > clock_timestamp(), false),
          'code', blocked_reason, 'jobId', blocked_job, 'message', blocked_message,
          'until', ${untilOf('blocked_until')})), '[]')
        from kiln.pools) as pools,
      (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'code', reason, 'jobId', job_id,
          'message', message, 'until', ${untilOf('paused_until')})), '[]')
        from kiln.paused_deployments) as deployments,
      (select coalesce(jsonb_agg(jsonb_build_object('deployment', deployment, 'model', model,
          'code', reason, 'jobId', job_id, 'message', message,
          'until', ${untilOf('paused_until')})), '[]')
        from kiln.paused_models) as models,
      (select coalesce(jsonb_agg(jsonb_build_object('jobId', job_id, 'code', code,
          'message', message, 'until', null)), '[]')
        from kiln.refusals
        where is_open and job_id = any(${[...jobIds]}::text[])) as refusals`.execute(db);
  return rows[0] ?? { pools: [], deployments: [], models: [], refusals: [] };
}
