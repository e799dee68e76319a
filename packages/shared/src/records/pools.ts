/**
 * Rows of pools: their settings, their pace and what waits in them. `quota/pool-guard.ts` takes
 * starts.
 */
import { sql, type Selectable } from 'kysely';
import type { Database } from './database/open-records.ts';
import type { Schema } from './database/schema.ts';

/** A pool's quota and its pace (`quota/pace.ts`). Meters that are left out are not counted. */
export interface PoolPaceSettings {
  name: string;
  rpm: number | null;
  ipm?: number | null;
  tpm?: number | null;
  intervalMs: number;
  catchUpMs: number;
  minuteMs?: number;
  imageMs?: number | null;
  tokenMs?: number | null;
}

/** Writes the configured pools, and keeps what a pool has learnt (next start, block). */
export async function savePools(db: Database, pools: readonly PoolPaceSettings[]): Promise<void> {
  for (const pool of pools) {
    const settings = {
      rpm: pool.rpm,
      ipm: pool.ipm ?? null,
      tpm: pool.tpm ?? null,
      interval_ms: pool.intervalMs,
      catch_up_ms: pool.catchUpMs,
      minute_ms: pool.minuteMs ?? null,
      image_ms: pool.imageMs ?? null,
      token_ms: pool.tokenMs ?? null,
    };
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
          next_image_at: nextOf('image', settings),
          next_token_at: nextOf('token', settings),
        }),
      )
      .execute();
  }
}

/**
 * When a meter allows its next start under new settings. What it has taken already is scaled to the
 * new quota. A pool that had no such meters knows nothing of the weights of its last starts, so the
 * meter begins a minute after them.
 */
function nextOf(
  meter: 'image' | 'token',
  settings: { image_ms: number | null; token_ms: number | null; minute_ms: number | null },
) {
  const [next, old] = [sql.ref(`kiln.pools.next_${meter}_at`), sql.ref(`kiln.pools.${meter}_ms`)];
  const unitMs = settings[`${meter}_ms`];
  return sql<Date>`case when ${unitMs}::float8 is null then 'epoch'
    when ${old} is null then case
      when kiln.pools.next_start_at = 'epoch' or cardinality(kiln.pools.recent_at) > 0 then 'epoch'
      else kiln.pools.next_start_at + ${settings.minute_ms}::float8 * interval '1 millisecond' end
    when ${next} <= clock_timestamp() then ${next}
    else clock_timestamp() + (${next} - clock_timestamp()) * (${unitMs}::float8 / ${old}) end`;
}

/**
 * How soon and how often a pool starts jobs. With the backlog, that determines every estimated
 * time.
 */
export interface PaceRow {
  name: string;
  paused_by: 'fault' | 'operator' | null;
  blocked_for_ms: number;
  /** Until all meters allow a start. */
  next_start_in_ms: number;
  spacing_ms: number;
  /** The images of a minute, and what an image and a token take now; null: not counted. */
  ipm: number | null;
  image_spacing_ms: number | null;
  token_spacing_ms: number | null;
}

const paceColumns = sql`
  greatest(0, extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8 as
    blocked_for_ms,
  greatest(0, extract(epoch from greatest(next_start_at,
    case when image_ms is not null then next_image_at end,
    case when token_ms is not null then next_token_at end) - clock_timestamp()) * 1000)::float8
    as next_start_in_ms,
  interval_ms / pace_share as spacing_ms, image_ms / pace_share as image_spacing_ms,
  token_ms / pace_share as token_spacing_ms`;

export async function listPaces(db: Database): Promise<PaceRow[]> {
  const { rows } =
    await sql<PaceRow>`select name, paused_by, ipm, ${paceColumns} from kiln.pools`.execute(db);
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
    paused_deployments: Record<string, PauseRow>;
    paused_models: (PauseRow & { deployment: string; model: string })[];
  };

/** Why a deployment, or a model there, is paused; `until` its next probe, in Unix seconds. */
interface PauseRow {
  reason: string;
  job_id: string | null;
  message: string | null;
  until: number;
}

const pauseFields = sql`'reason', reason, 'job_id', job_id, 'message', message,
  'until', extract(epoch from paused_until)`;

export async function listPools(db: Database): Promise<PoolRow[]> {
  const { rows } = await sql<PoolRow>`
    select pools.*,
      ${paceColumns},
      (select coalesce(jsonb_object_agg(paused.name, jsonb_build_object(${pauseFields})), '{}')
        from kiln.paused_deployments paused where paused.pool = pools.name) as paused_deployments,
      (select coalesce(jsonb_agg(jsonb_build_object('deployment', deployment, 'model', model,
        ${pauseFields}) order by model), '[]')
        from kiln.paused_models paused where paused.pool = pools.name) as paused_models,
      (select count(*) from kiln.jobs where pool = pools.name and status = 'in_progress') as
        "inFlight",
      (select count(*) from kiln.jobs where pool = pools.name and status = 'held') as held,
      (select coalesce(sum(cost_at_risk_micros), 0)::bigint from kiln.jobs where pool = pools.name
        and cost_at_risk_micros > 0) as "atRiskMicros"
    from kiln.pools as pools order by name`.execute(db);
  return rows;
}
