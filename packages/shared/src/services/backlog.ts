/**
 * What waits in each pool, for answers that tell a position and a time. Counted at most once a second, whatever the number of requests:
 * a job's own position is exact when it is read by itself, and this estimate when it is created.
 */
import type { ConfiguredPool } from '../deps.ts';
import type { Database } from '../records/open-records.ts';
import { listPools, type PoolRow } from '../records/pools.ts';
import type { Job } from '../schemas/job.ts';
import type { PoolView } from '../schemas/pool.ts';

const freshMs = 1_000;
/** What an answer takes, added to the time of a job's start. */
const typicalAnswerSeconds = 20;

export interface Backlog {
  /** Every pool as it is now. */
  list(): Promise<PoolView[]>;
  /** Where a job stands that `ahead` others of its pool precede. */
  placeAt(pool: string, ahead: number): Promise<NonNullable<Job['queue']>>;
  /** Where a job stands that is created now. */
  placeOfNew(pool: string, priority: number): Promise<NonNullable<Job['queue']>>;
}

export function createBacklog(db: Database, pools: readonly ConfiguredPool[]): Backlog {
  const deployments = pools.flatMap((pool) => pool.deployments);
  let counted: { atMs: number; rows: PoolRow[] } | null = null;
  let counting: Promise<PoolRow[]> | null = null;

  /** The last count; an old one is good enough while a new one is made. */
  async function count(): Promise<PoolRow[]> {
    const isFresh = counted !== null && Date.now() - counted.atMs <= freshMs;
    if (!isFresh) {
      counting ??= listPools(db, deployments)
        .then((rows) => (counted = { atMs: Date.now(), rows }).rows)
        .finally(() => (counting = null));
      if (counted === null) return counting;
      counting.catch(() => undefined); // told to whoever waits for it; the old count serves meanwhile
    }
    return counted?.rows ?? [];
  }

  async function rowOf(pool: string): Promise<PoolRow> {
    const row = (await count()).find(({ name }) => name === pool);
    if (row === undefined) throw new Error(`there is no pool "${pool}" in the records`);
    return row;
  }

  return {
    async list() {
      return (await listPools(db, deployments)).map((row) =>
        toPool(row, pools.find(({ name }) => name === row.name)?.deployments ?? []),
      );
    },
    async placeAt(pool, ahead) {
      return placeIn(await rowOf(pool), ahead);
    },
    async placeOfNew(pool, priority) {
      const row = await rowOf(pool);
      return placeIn(row, priority === 0 ? row.interactive : row.interactive + row.bulk);
    },
  };
}

function placeIn(row: PoolRow, position: number): NonNullable<Job['queue']> {
  return { position, eta_seconds: secondsUntilStart(row, position) + typicalAnswerSeconds };
}

/** The pool's pace times the jobs ahead, after the rest of a block. */
function secondsUntilStart(row: PoolRow, ahead: number): number {
  return Math.ceil((row.blocked_for_ms + (ahead * row.interval_ms) / row.pace_share) / 1000);
}

function toPool(row: PoolRow, deployments: string[]): PoolView {
  const backlog = row.interactive + row.bulk;
  const isBlocked = row.blocked_for_ms > 0;
  return {
    object: 'pool',
    name: row.name,
    rpm: row.rpm,
    status: row.paused_by === null ? (isBlocked ? 'blocked' : 'open') : 'paused',
    pace: { interval_ms: row.interval_ms / row.pace_share, share: row.pace_share },
    next_start_at: row.next_start_at.getTime() === 0 ? null : row.next_start_at.getTime() / 1000,
    blocked_until: isBlocked && row.blocked_until !== null ? row.blocked_until.getTime() / 1000 : null,
    blocked_reason: isBlocked || row.paused_by !== null ? row.blocked_reason : null,
    backlog,
    in_flight: row.inFlight,
    held: row.held,
    at_risk: row.atRiskMicros / 1_000_000,
    eta_seconds: secondsUntilStart(row, backlog),
    deployments,
  };
}
