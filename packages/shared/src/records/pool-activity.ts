/** Counts the calls of a pool in the ledger, by the time at which they started. */
import { sql } from 'kysely';
import type { Database } from './database/open-records.ts';

/** The calls that started in a bucket of time, and how they ended. */
interface ActivityCounts {
  /** Unix seconds of its beginning. */
  at: number;
  started: number;
  in_flight: number;
  succeeded: number;
  refused: number;
  rate_limited: number;
  rejected: number;
  unusable: number;
  unknown: number;
  images: number;
  costMicros: number;
}

/**
 * The last `buckets` buckets of `bucketSeconds`, oldest first, by the database's clock. Buckets
 * begin at multiples of their length; the last one is not over yet. The index attempts_by_pool
 * serves the statement.
 */
export async function countActivity(
  db: Database,
  pool: string,
  { buckets, bucketSeconds }: { buckets: number; bucketSeconds: number },
): Promise<ActivityCounts[]> {
  const length = sql`make_interval(secs => ${bucketSeconds}::int)`;
  const bucketOf = (time: string) => sql`date_bin(${length}, ${sql.raw(time)}, 'epoch')`;
  const { rows } = await sql<ActivityCounts>`
    with span as (
      select last - ${length} * (${buckets}::int - 1) as first, last
      from (select ${bucketOf('clock_timestamp()')} as last) as now
    ), counted as (
      select ${bucketOf('started_at')} as bucket, count(*)::int as started,
        (count(*) filter (where status = 'in_flight'))::int as in_flight,
        (count(*) filter (where status = 'succeeded'))::int as succeeded,
        (count(*) filter (where status = 'refused'))::int as refused,
        (count(*) filter (where http_status = 429))::int as rate_limited,
        (count(*) filter (where status = 'rejected'))::int as rejected,
        (count(*) filter (where status = 'unusable'))::int as unusable,
        (count(*) filter (where status = 'unknown'))::int as unknown,
        -- An earlier release did not count the pictures of an answer.
        coalesce(sum(coalesce(images, 1)) filter (where status = 'succeeded'), 0)::int as images,
        coalesce(sum(cost_micros), 0)::float8 as cost
      from kiln.attempts where pool = ${pool} and started_at >= (select first from span)
        -- Its start was over before the call, so the provider was not called.
        and error->>'code' is distinct from 'start_missed'
      group by bucket
    )
    select extract(epoch from bucket)::float8 as at, coalesce(started, 0) as started,
      coalesce(in_flight, 0) as in_flight, coalesce(succeeded, 0) as succeeded,
      coalesce(refused, 0) as refused, coalesce(rate_limited, 0) as rate_limited,
      coalesce(rejected, 0) as rejected, coalesce(unusable, 0) as unusable,
      coalesce(unknown, 0) as unknown, coalesce(images, 0) as images,
      coalesce(cost, 0) as "costMicros"
    from span cross join generate_series(span.first, span.last, ${length}) as bucket
      left join counted using (bucket) order by bucket`.execute(db);
  return rows;
}
