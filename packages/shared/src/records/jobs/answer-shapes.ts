/**
 * The shapes of answers without a usable image that deployments gave. A shape is the endpoint's,
 * not chance's: the call is not repeated for a shape that the deployment gave before. It was chance
 * after all where the repetition for the first job with the shape gave images.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

/** A shape that was not seen for this long counts as new: the endpoint may have changed. */
const rememberedFor = sql.lit('1 day');

/**
 * Records an unusable answer. `inARow`: so many calls had this shape, without images in between.
 */
export async function recordShape(
  db: Database,
  { pool, deployment }: { pool: string; deployment: string },
  shape: string,
  { jobId, attemptNo }: { jobId: string; attemptNo: number },
): Promise<{ isKnown: boolean; inARow: number }> {
  const { rows } = await sql<{ isKnown: boolean; inARow: number }>`
    with shape as (
      insert into kiln.answer_shapes as old (deployment, shape, pool, job_id, attempt, row_since)
      values (${deployment}, ${shape}, ${pool}, ${jobId}, ${`${jobId}-${attemptNo}`},
        (select started_at from kiln.attempts where job_id = ${jobId} and no = ${attemptNo}::int))
      on conflict (deployment, shape) do update set pool = excluded.pool,
        row_since = case when old.in_a_row = 0
            or old.seen_at < clock_timestamp() - ${rememberedFor}::interval
          then excluded.row_since else least(old.row_since, excluded.row_since) end,
        seen_at = excluded.seen_at, attempt = excluded.attempt,
        job_id = case when old.seen_at < clock_timestamp() - ${rememberedFor}::interval
          then excluded.job_id else old.job_id end,
        in_a_row = case when old.seen_at < clock_timestamp() - ${rememberedFor}::interval
          then 1 when old.attempt = excluded.attempt then old.in_a_row else old.in_a_row + 1 end
      returning job_id, in_a_row, xmax <> 0 as is_old
    ), pool as (
      update kiln.pools set watched = true where name = ${pool} and not watched
    )
    select is_old and (in_a_row > 1 or job_id <> ${jobId}) as "isKnown", in_a_row as "inARow"
    from shape`.execute(db);
  return rows[0] ?? { isKnown: false, inARow: 1 };
}

/**
 * A deployment answered a call with images. Rows of unusable answers are over if the call was
 * started after the first one of the row; answers arrive in another order than their calls start.
 * Shapes that this job met first are forgotten, because its repetition was answered well. Returns
 * the longest row that is over; 0: none.
 */
export async function recordImages(
  db: Database,
  deployment: string,
  { jobId, attemptNo }: { jobId: string; attemptNo: number },
): Promise<number> {
  const { rows } = await sql<{ longest: number }>`
    with chance as (
      delete from kiln.answer_shapes where deployment = ${deployment} and job_id = ${jobId}
      returning in_a_row
    ), row as (
      select shape, in_a_row from kiln.answer_shapes
      where deployment = ${deployment} and in_a_row > 0 and job_id <> ${jobId}
        and coalesce(row_since < (select started_at from kiln.attempts
          where job_id = ${jobId} and no = ${attemptNo}::int), true)
    ), over as (
      update kiln.answer_shapes set in_a_row = 0
      from row where deployment = ${deployment} and answer_shapes.shape = row.shape
    )
    select coalesce(max(in_a_row), 0) as longest
    from (select in_a_row from row union all select in_a_row from chance) as ended`.execute(db);
  return rows[0]?.longest ?? 0;
}
