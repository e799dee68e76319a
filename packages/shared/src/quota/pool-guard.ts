/**
 * The guard of a pool: one row in PostgreSQL, taken in one statement by the database's clock
 * immediately before every HTTP call. No call is made without it, whatever number of workers run
 * and whatever the queue engine believes.
 *
 *   open     starts are granted at the pace
 *   blocked  by a refusal, until a time; then open again, at a pace that may have become slower
 *   paused   by a fault of all its deployments (their keys, their names, their budget): one call at a time probes it, ever more rarely,
 *            until one is answered; or by an operator, until an operator resumes it
 *
 * While only some of its deployments are faulty they are left out, and probed likewise
 * (`records/jobs/settlements.ts`, openAttempt).
 */
import type { Pool } from 'pg';
import * as statements from './pool-statements.ts';

export type StartOutcome =
  /**
   * So many of the starts asked for. `watched`: the pool was refused lately, and wants to be told
   * (`answered`) that a call was not.
   * `askedAtMs`: they were granted after this, by `performance.now()`.
   */
  | { status: 'taken'; starts: number; watched: boolean; askedAtMs: number }
  /** Not yet; `blocked` says that it is closed, rather than that the pace asks for the wait. */
  | { status: 'wait'; waitMs: number; blocked: boolean };

export interface Refusal {
  /** How long the provider asks us to wait. */
  waitMs: number | null;
  reason: string;
  /** How long ago the call was started, by a clock that nobody sets. */
  startedMsAgo: number;
}

export interface Pause {
  isNew: boolean;
  pool: { isPaused: boolean; isNew: boolean; waitMs: number };
}

/** The longest block that is believed: a provider's hint may be a day. */
const longestBlockMs = 86_400_000;
/**
 * Probes of a paused pool: a minute apart at first, doubled with each that fails, up to a quarter
 * of an hour.
 */
const firstProbeMinutes = 1;
const rarestProbeMinutes = 15;
/** How soon to look again whether an operator has resumed a pool. */
const heldLookMs = 5_000;

export interface PoolGuard {
  /**
   * Takes the next start if its time has come, and those behind it whose time has come as well, up
   * to `wanted` in all.
   * @param roomMs by which the start behind them is later than usual, as their calls may be late
   */
  take(pool: string, wanted?: number, roomMs?: number): Promise<StartOutcome>;
  /** Whether it is blocked or paused. */
  isClosed(pool: string): Promise<boolean>;
  /** The request of a start that was taken has left only now: the next one is spaced from here. */
  requestWritten(pool: string): Promise<void>;
  /**
   * A call of a watched pool, or of a paused deployment, was answered, with whatever: calls are
   * executed there again.
   */
  answered(pool: string, deployment: string): Promise<{ wasPaused: boolean }>;
  /**
   * A call was refused: the pool closes for `waitMs`, or where nobody said for how long, for longer
   * each time. A refusal without a hint, or one that follows another, also slows the pace; once,
   * however long the calls take to answer that were started before it did. A block that lasts
   * longer already stays.
   */
  refused(pool: string, refusal: Refusal): Promise<{ waitMs: number; paceShare: number }>;
  /**
   * A deployment does not work. The pool pauses with the last of its deployments. `isNew` is true
   * once for the whole pause: the time for an alarm.
   */
  pause(
    pool: { name: string; deployments: readonly string[] },
    deployment: string,
    reason: string,
  ): Promise<Pause>;
}

export function createPoolGuard(database: Pool, options: { minuteMs: number }): PoolGuard {
  async function run<Row extends object>(
    statement: { name: string; text: string },
    ...values: unknown[]
  ): Promise<Row> {
    const { rows } = await database.query<Row>({ ...statement, values });
    const [row] = rows;
    if (row === undefined)
      throw new Error(`there is no pool "${String(values[0])}" in the records`);
    return row;
  }

  return {
    async take(pool, wanted = 1, roomMs = 0) {
      const askedAtMs = performance.now();
      const row = await run<{
        starts: number;
        is_held: boolean | null;
        is_watched: boolean;
        pace_ms: number;
        blocked_ms: number;
      }>(statements.takeStarts, pool, wanted, roomMs);
      if (row.starts > 0)
        return { status: 'taken', starts: row.starts, watched: row.is_watched, askedAtMs };
      if (row.is_held === true) return { status: 'wait', waitMs: heldLookMs, blocked: true };
      // At least a millisecond: another worker may have taken the start between two readings of the
      // clock.
      const waitMs = Math.max(1, Math.ceil(Math.max(row.pace_ms, row.blocked_ms)));
      return { status: 'wait', waitMs, blocked: row.blocked_ms > 0 };
    },
    isClosed: async (pool) =>
      (await run<{ is_closed: boolean }>(statements.closed, pool)).is_closed,
    async requestWritten(pool) {
      await database.query({ ...statements.requestWritten, values: [pool] });
    },
    async answered(pool, deployment) {
      const row = await run<{ was_paused: boolean | null }>(statements.answered, pool, deployment);
      return { wasPaused: row.was_paused === true };
    },
    async refused(pool, { waitMs, reason, startedMsAgo }) {
      const row = await run<{ wait_ms: number; pace_share: number }>(
        statements.refused,
        pool,
        waitMs === null ? null : Math.min(waitMs, longestBlockMs),
        reason,
        startedMsAgo,
      );
      return { waitMs: Math.ceil(row.wait_ms), paceShare: row.pace_share };
    },
    async pause(pool, deployment, reason) {
      const probes = [firstProbeMinutes * options.minuteMs, rarestProbeMinutes * options.minuteMs];
      const paused = await database.query<{ is_new: boolean }>({
        ...statements.deploymentPaused,
        values: [deployment, pool.name, ...probes, reason],
      });
      // Looked at only now: of two deployments that fail at once, the later one sees both.
      const row = await run<{ is_paused: boolean; is_new: boolean; wait_ms: number }>(
        statements.pausedByFault,
        pool.name,
        pool.deployments,
        ...probes,
        reason,
      );
      return {
        isNew: paused.rows[0]?.is_new === true,
        pool: { isPaused: row.is_paused, isNew: row.is_new, waitMs: Math.ceil(row.wait_ms) },
      };
    },
  };
}

/**
 * An operator's pause, and its end, which ends any other block as well. False where there is no
 * such pool.
 */
export async function setPaused(database: Pool, pool: string, isPaused: boolean): Promise<boolean> {
  const statement = isPaused ? statements.pausedByOperator : statements.resumed;
  const { rows } = await database.query({ ...statement, values: [pool] });
  return rows.length > 0;
}

/**
 * A pool that a fault paused is open again where one of its deployments works: one that is
 * configured since, or was repaired meanwhile.
 */
export async function resumeRecovered(
  database: Pool,
  pool: { name: string; deployments: readonly string[] },
): Promise<void> {
  await database.query({ ...statements.recovered, values: [pool.name, pool.deployments] });
}
