/** How fast the rows of a batch have got their pictures in the last minutes. */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

export interface RecentPace {
  rows: number;
  /** From the end of the first of these rows until now. */
  seconds: number;
}

/** The condition is the predicate of the index `jobs_with_results`, which is read by time. */
export async function readRecentPace(
  db: Database,
  batchId: string,
  windowSeconds: number,
): Promise<RecentPace> {
  const { rows } = await sql<RecentPace>`
    select count(*)::int as rows, coalesce(extract(epoch from
      clock_timestamp() - min(finished_at)), 0)::float8 as seconds
    from kiln.jobs where status = 'succeeded' and results_deleted_at is null
      and finished_at > clock_timestamp() - ${windowSeconds}::int * interval '1 second'
      -- Rows that were made before say nothing about the pace of the others.
      and batch_id = ${batchId} and reused_from is null`.execute(db);
  return rows[0] ?? { rows: 0, seconds: 0 };
}
