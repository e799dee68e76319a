/** How long calls took that were answered, for the time at which a job should be done. */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

export interface CallTimes {
  model: string;
  calls: number;
  /** One of ten calls was faster, and one slower. */
  fastMs: number;
  slowMs: number;
}

/** The newest jobs that are read: a few milliseconds, by two indexes. */
const newestRead = 300;

/** The calls of the newest jobs of a project that succeeded, by model. */
export async function readCallTimes(db: Database, projectId: string): Promise<CallTimes[]> {
  const { rows } = await sql<CallTimes>`
    with newest as materialized (
      select id, model from kiln.jobs where project_id = ${projectId} and status = 'succeeded'
      order by id desc limit ${sql.lit(newestRead)}
    ), taken as (
      select model, extract(epoch from finished_at - started_at)::float8 * 1000 as ms
      from newest cross join lateral (select started_at, finished_at from kiln.attempts
        where job_id = newest.id and status = 'succeeded' and finished_at is not null) as answered
    )
    select model, count(*)::int as calls,
      percentile_cont(0.1) within group (order by ms) as "fastMs",
      percentile_cont(0.9) within group (order by ms) as "slowMs"
    from taken group by model`.execute(db);
  return rows;
}
