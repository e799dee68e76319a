/**
 * Rows of pools: their settings, their pace and what waits in them. `quota/pool-guard.ts` takes
 * starts.
 */
import { sql, type Selectable } from 'kysely';
import type { Database } from './database/open-records.ts';
import type { Schema } from './database/schema.ts';

/** Writes the configured pools, and keeps what a pool has learnt (next start, block). */
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
        // A changed quota holds from the next start on. A start that was reserved far ahead under
        // the old pace does not stay.
        conflict.column('name').doUpdateSet({
          ...settings,
          updated_at: sql<Date>`now()`,
          next_start_at: sql<Date>`least(kiln.pools.next_start_at,
            clock_timestamp() + ${pool.intervalMs} * interval '1 millisecond')`,
        }),
      )
      .execute();
  }
}

/**
 * How soon and how often a pool starts jobs. With the backlog, that determines every estimated
 * time.
 */
export interface PaceRow {
  name: string;
  paused_by: 'fault' | 'operator' | null;
  blocked_for_ms: number;
  next_start_in_ms: number;
  spacing_ms: number;
}

const paceColumns = sql`
  greatest(0, extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8 as
    blocked_for_ms,
  greatest(0, extract(epoch from next_start_at - clock_timestamp()) * 1000)::float8 as
    next_start_in_ms,
  interval_ms / pace_share as spacing_ms`;

export async function listPaces(db: Database): Promise<PaceRow[]> {
  const { rows } =
    await sql<PaceRow>`select name, paused_by, ${paceColumns} from kiln.pools`.execute(db);
  return rows;
}

export interface PoolCounts {
  inFlight: number;
  held: number;
  atRiskMicros: number;
}

export type PoolRow = Selectable<Schema['kiln.pools']> &
  PoolCounts &
  PaceRow & {
    paused_deployments: Record<string, { reason: string; until: number }>;
  };

export async function listPools(db: Database): Promise<PoolRow[]> {
  const { rows } = await sql<PoolRow>`
    select pools.*,
      ${paceColumns},
      (select coalesce(jsonb_object_agg(paused.name, jsonb_build_object('reason', reason, 'until',
        extract(epoch from paused_until))), '{}')
        from kiln.paused_deployments paused where paused.pool = pools.name) as paused_deployments,
      (select count(*) from kiln.jobs where pool = pools.name and status = 'in_progress') as
        "inFlight",
      (select count(*) from kiln.jobs where pool = pools.name and status = 'held') as held,
      (select coalesce(sum(cost_at_risk_micros), 0)::bigint from kiln.jobs where pool = pools.name
        and cost_at_risk_micros > 0) as "atRiskMicros"
    from kiln.pools as pools order by name`.execute(db);
  return rows;
}
