/**
 * The shapes of answers without a usable image that deployments gave. A shape is the endpoint's,
 * not chance's: the call is not repeated for a shape that the deployment gave before. It was chance
 * after all where the repetition for the first job with the shape gave images.
 */
import { sql } from 'kysely';
import type { Database } from '../database/open-records.ts';

/** A shape that was not seen for this long counts as new: the endpoint may have changed. */
const rememberedFor = sql.lit('1 day');

/** Records an unusable answer. `inARow`: this shape so often, without images in between. */
export async function recordShape(
  db: Database,
  { pool, deployment }: { pool: string; deployment: string },
  shape: string,
  { jobId, attemptNo }: { jobId: string; attemptNo: number },
): Promise<{ isKnown: boolean; inARow: number }> {
  const { rows } = await sql<{ isKnown: boolean; inARow: number }>`
    with shape as (
      insert into kiln.answer_shapes as old (deployment, shape, pool, job_id, attempt)
      values (${deployment}, ${shape}, ${pool}, ${jobId}, ${`${jobId}-${attemptNo}`})
      on conflict (deployment, shape) do update set pool = excluded.pool,
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
 * A deployment answered a job with images: the row of unusable answers is over. Shapes that this
 * job met first are forgotten, because its repetition was answered well.
 */
export async function recordImages(db: Database, deployment: string, jobId: string): Promise<void> {
  await sql`
    with chance as (
      delete from kiln.answer_shapes where deployment = ${deployment} and job_id = ${jobId}
    )
    update kiln.answer_shapes set in_a_row = 0
    where deployment = ${deployment} and in_a_row > 0 and job_id <> ${jobId}`.execute(db);
}
