/** Pools as rows: their settings and what waits in them. Taking a start is `quota/pool-guard.ts`. */
import { sql, type Selectable } from 'kysely';
import type { Database } from './open-records.ts';
import type { Schema } from './schema.ts';

/** Writes the configured pools; what a pool has learnt (next start, block) is kept. */
export async function savePools(
  db: Database,
  pools: readonly { name: string; rpm: number; intervalMs: number; catchUpMs: number }[],
): Promise<void> {
  for (const pool of pools) {
    const settings = { rpm: pool.rpm, interval_ms: pool.intervalMs, catch_up_ms: pool.catchUpMs };
    await db
      .insertInto('kiln.pools')
      .values({ name: pool.name, ...settings })
      .onConflict((conflict) =>
        // A quota that was lowered or raised holds from the next start on; one reserved far ahead under the old pace does not.
        conflict.column('name').doUpdateSet({
          ...settings,
          updated_at: sql<Date>`now()`,
          next_start_at: sql<Date>`least(kiln.pools.next_start_at, clock_timestamp() + ${pool.intervalMs} * interval '1 millisecond')`,
        }),
      )
      .execute();
  }
}

export interface PoolCounts {
  interactive: number;
  bulk: number;
  inFlight: number;
  held: number;
  atRiskMicros: number;
}

export type PoolRow = Selectable<Schema['kiln.pools']> & PoolCounts & { blocked_for_ms: number };

/** @param deployments those that are configured: jobs of any other wait, but not in this backlog */
export async function listPools(db: Database, deployments: readonly string[]): Promise<PoolRow[]> {
  const waits = sql`pool = pools.name and status = 'queued' and deployment = any(${[...deployments]}::text[])`;
  const { rows } = await sql<PoolRow>`
    select pools.*,
      greatest(0, extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8 as blocked_for_ms,
      (select count(*) from kiln.jobs where ${waits} and priority = 0) as interactive,
      (select count(*) from kiln.jobs where ${waits} and priority > 0) as bulk,
      (select count(*) from kiln.jobs where pool = pools.name and status = 'in_progress') as "inFlight",
      (select count(*) from kiln.jobs where pool = pools.name and status = 'held') as held,
      (select coalesce(sum(cost_at_risk_micros), 0)::bigint from kiln.jobs where pool = pools.name and cost_at_risk_micros > 0) as "atRiskMicros"
    from kiln.pools as pools order by name`.execute(db);
  return rows;
}

/** How many jobs of its pool start before a queued one. */
export async function countAhead(
  db: Database,
  deployments: readonly string[],
  job: { id: string; pool: string; priority: number; fair_tag: number },
): Promise<number> {
  const { rows } = await sql<{ ahead: number }>`
    select count(*) as ahead from kiln.jobs where pool = ${job.pool} and status = 'queued' and deployment = any(${[...deployments]}::text[])
      and (priority, fair_tag, id) < (${job.priority}::smallint, ${job.fair_tag}::float8, ${job.id})`.execute(
    db,
  );
  return rows[0]?.ahead ?? 0;
}
