/**
 * The guard of a pool: one row in PostgreSQL, taken in one statement by the database's clock immediately before every HTTP call. No call
 * is made without it, whatever number of workers run and whatever the queue engine believes.
 */
import type { Pool } from 'pg';

export type StartOutcome =
  | { status: 'taken' }
  /** Not yet; `blocked` says that the provider asked for the wait rather than the pace. */
  | { status: 'wait'; waitMs: number; blocked: boolean };

interface StartRow {
  taken: boolean;
  pace_ms: number;
  blocked_ms: number;
}

const takeStart = {
  name: 'kiln-take-start',
  text: `
    with taken as (
      update kiln.pools set next_start_at = greatest(
        next_start_at + interval_ms * interval '1 millisecond',
        clock_timestamp() + (interval_ms - catch_up_ms) * interval '1 millisecond')
      where name = $1 and next_start_at <= clock_timestamp() and (blocked_until is null or blocked_until <= clock_timestamp())
      returning 1
    )
    select exists (select from taken) as taken,
      (extract(epoch from next_start_at - clock_timestamp()) * 1000)::float8 as pace_ms,
      coalesce((extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8, 0) as blocked_ms
    from kiln.pools where name = $1`,
};

/** The longest block that is believed: a provider's hint may be a day. */
const longestBlockMs = 86_400_000;

export interface PoolGuard {
  /** Takes the next start, if its time has come. */
  take(pool: string): Promise<StartOutcome>;
  /** The request of a start that was taken has left only now: the next one is spaced from here. */
  left(pool: string): Promise<void>;
  /** Closes the pool for `waitMs`; a block that lasts longer already stays. */
  block(pool: string, waitMs: number, reason: string): Promise<void>;
}

export function createPoolGuard(database: Pool): PoolGuard {
  return {
    async take(pool) {
      const { rows } = await database.query<StartRow>({ ...takeStart, values: [pool] });
      const [row] = rows;
      if (row === undefined) throw new Error(`there is no pool "${pool}" in the records`);
      if (row.taken) return { status: 'taken' };
      // At least a millisecond: another worker may have taken the start between the two reads of the clock.
      return {
        status: 'wait',
        waitMs: Math.max(1, Math.ceil(Math.max(row.pace_ms, row.blocked_ms))),
        blocked: row.blocked_ms > 0,
      };
    },
    async left(pool) {
      await database.query({
        name: 'kiln-start-left',
        text: `update kiln.pools set next_start_at =
            greatest(next_start_at, clock_timestamp() + (interval_ms - catch_up_ms) * interval '1 millisecond')
          where name = $1`,
        values: [pool],
      });
    },
    async block(pool, waitMs, reason) {
      await database.query({
        name: 'kiln-block-pool',
        text: `update kiln.pools set
            blocked_reason = case when blocked_until > clock_timestamp() + $2::float8 * interval '1 millisecond' then blocked_reason else $3 end,
            blocked_until = greatest(blocked_until, clock_timestamp() + $2::float8 * interval '1 millisecond')
          where name = $1`,
        values: [pool, Math.min(waitMs, longestBlockMs), reason],
      });
    },
  };
}
