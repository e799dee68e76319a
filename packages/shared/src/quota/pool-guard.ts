/**
 * The guard of a pool grants the starts of its calls.
 *
 * Problem: any number of workers together must keep to one quota, whatever the queue engine does.
 * Approach: one row in PostgreSQL for each pool, changed in one statement by the database's clock
 * right before every call.
 * Guarantee: no call without a start of this row, and never more starts than the quota allows.
 *
 * The states of a pool:
 *   open     Starts are granted at the pace.
 *   blocked  A refusal closed the pool until a time. Then it opens, perhaps at a slower pace.
 *   paused   All its deployments are faulty (their keys, their names, their budget): one call at a
 *            time probes whether it works again, ever more rarely, until one is answered. Or an
 *            operator paused it, until an operator resumes it.
 *
 * While only some deployments are faulty, calls avoid them and probe them in the same way
 * (`openAttempt` in `records/jobs/settlements.ts`).
 */
import type { Pool } from 'pg';
import { lightestStart, type StartWeight } from '../domain/quota.ts';
import { meters, type Meter, type StoredLimits } from '../domain/reported-limits.ts';
import { announceEvents } from '../records/events/write-events.ts';
import * as statements from './pool-statements.ts';
import { reported } from './report-statement.ts';
import * as starts from './start-statements.ts';

export type StartOutcome =
  /**
   * The first of the wanted starts are granted. `startsAtMs`: when each of them is due, by the
   * database's clock (ms since 1970). `grantedAtMs` identifies them for `corrected`. `watched`: the
   * pool was refused or paused lately, so the caller must report an answered call (`answered`).
   */
  | {
      status: 'taken';
      startsAtMs: number[];
      grantedAtMs: number;
      watched: boolean;
      reading: Reading;
    }
  /**
   * Nothing is granted yet: because of the pace, or because the pool is closed (`blocked`). Ask
   * again after `waitMs`.
   */
  | { status: 'wait'; waitMs: number; blocked: boolean; reading: Reading };

/** What a statement read of the pool's row and of the database's clock (ms since 1970). */
export interface Reading {
  nowMs: number;
  /** When the pool's requests allowed the next start before this statement, and after it. */
  nextBeforeMs: number;
  nextAfterMs: number;
}

export interface TakeOptions {
  /** Starts that are due within this time are granted as well: the caller waits until they are. */
  aheadMs?: number;
  /** The next start is due this much later, because an earlier request was late. */
  postponeMs?: number;
  /** The least spacing of the starts, where the caller needs more than the pool's. */
  spacingMs?: number;
  /**
   * The caller cannot use a start that is due sooner than this from now, so that start is moved. It
   * may be negative: a caller may use a start that was due a moment ago. At most `aheadMs`.
   */
  usableInMs?: number;
}

export interface Refusal {
  /** How long the provider asks us to wait. */
  waitMs: number | null;
  reason: string;
  /** How long ago the call was started, by a monotonic clock. */
  startedMsAgo: number;
  /** The job that was refused, and the words. */
  cause?: Cause;
}

export interface Cause {
  jobId: string;
  message: string;
}

/** Why a deployment is paused, and how soon it is probed. */
export interface PauseReason {
  code: string;
  cause?: Cause;
  /** Minutes of the provider until the first probe, and the most between two of them. */
  probeMinutes?: { first: number; longest: number };
}

export interface Pause {
  isNew: boolean;
  /** The time until the deployment is probed. */
  waitMs: number;
  pool: { isPaused: boolean; isNew: boolean; waitMs: number };
}

/** Longer hints of a provider are cut to this: hints of a whole day are real. */
const longestBlockMs = 86_400_000;
/** The time between two probes doubles with each probe that fails. */
const usualProbes = { first: 1, longest: 15 };
/** How often to check whether an operator has resumed a pool. */
const operatorCheckMs = 5_000;

/** Without a limit of the caller, the catch-up of the pool is the limit. */
const leastUsableInMs = -86_400_000;

/** The reason of a block because nothing remains of a quota, according to the provider. */
const quotaUsed = 'quota_used';

export interface PoolGuard {
  /**
   * Takes the first of the wanted starts if it is due, and the following ones that are due as well.
   * They are due in this order: a start never overtakes a heavier one before it.
   * @param wanted their weights; default: one start for one picture
   */
  take(pool: string, wanted?: readonly StartWeight[], options?: TakeOptions): Promise<StartOutcome>;
  /** The database's clock, in ms since 1970. */
  now(): Promise<number>;
  /** Whether the pool is blocked or paused. */
  isClosed(pool: string): Promise<boolean>;
  /**
   * Requests were written late: the next start is due `postponeMs` later, and the weights of starts
   * that were due within the last `lateMs` count from now.
   */
  postpone(pool: string, late: { postponeMs: number; lateMs: number }): Promise<Reading>;
  /**
   * A call used more or less than the weight of its start. The rest can be used by others, as far
   * as the start still counts.
   */
  corrected(
    pool: string,
    grantedAtMs: number,
    change: { weight: StartWeight; used: StartWeight },
  ): Promise<void>;
  /**
   * A call of a watched pool or of a paused deployment was answered, whatever the answer says:
   * calls are executed there again.
   */
  answered(pool: string, deployment: string): Promise<{ wasPaused: boolean }>;
  /**
   * A call was refused: the pool closes for `waitMs`, or, without a hint of the provider, for
   * longer each time. A refusal without a hint, or one that follows another refusal, also slows the
   * pace. It does so once: refusals of calls that were started before the pace changed do not count
   * again. A block that already lasts longer stays.
   */
  refused(pool: string, refusal: Refusal): Promise<{ waitMs: number; paceShare: number }>;
  /**
   * An answer said what the provider grants, and of which meters nothing remains. The pool waits
   * for their reset, at most a minute, unless it has used them up itself and its pace suffices.
   * Resolves to the wait, in ms; null: none.
   */
  reported(
    pool: string,
    stored: StoredLimits,
    used: Partial<Record<Meter, { resetMs: number }>>,
  ): Promise<number | null>;
  /**
   * A deployment does not work: it is paused. The pool is paused when all its deployments are.
   * `isNew` is true once for the whole pause: then an alarm is due.
   */
  pause(
    pool: { name: string; deployments: readonly string[] },
    deployment: string,
    reason: PauseReason,
  ): Promise<Pause>;
}

interface PoolStatement {
  name: string;
  text: string;
  writesEvents?: boolean;
}

async function query<Row extends object>(
  database: Pool,
  { name, text, writesEvents = false }: PoolStatement,
  values: unknown[],
): Promise<Row[]> {
  const { rows } = await database.query<Row>({ name, text, values });
  if (writesEvents) announceEvents(database);
  return rows;
}

interface ReadingRow {
  now_ms: number;
  next_before_ms: number;
  next_after_ms: number;
}

interface TakenRow extends ReadingRow {
  starts_at_ms: number[];
  granted_at_ms: number;
  is_metered: boolean;
  is_held: boolean | null;
  is_watched: boolean;
  pace_ms: number;
  blocked_ms: number;
}

function toReading(row: ReadingRow): Reading {
  return {
    nowMs: row.now_ms,
    nextBeforeMs: row.next_before_ms,
    nextAfterMs: row.next_after_ms,
  };
}

export function createPoolGuard(database: Pool, options: { minuteMs: number }): PoolGuard {
  /** The pools that are known to count images or tokens. */
  const metered = new Set<string>();

  async function run<Row extends object>(
    statement: PoolStatement,
    ...values: unknown[]
  ): Promise<Row> {
    const [row] = await query<Row>(database, statement, values);
    if (row === undefined)
      throw new Error(`there is no pool "${String(values[0])}" in the records`);
    return row;
  }

  /** Another process may have changed the meters of a pool; the answer says which it has. */
  async function takeStarts(
    pool: string,
    wanted: readonly StartWeight[],
    options: Required<TakeOptions>,
  ): Promise<TakenRow> {
    const isMetered = metered.has(pool);
    const { aheadMs, postponeMs, spacingMs, usableInMs } = options;
    const row = isMetered
      ? await run<TakenRow>(
          starts.takeMeteredStarts,
          pool,
          wanted.map(({ images }) => images),
          aheadMs,
          postponeMs,
          spacingMs,
          usableInMs,
          wanted.map(({ tokens }) => tokens),
        )
      : await run<TakenRow>(
          starts.takeStarts,
          pool,
          wanted.length,
          aheadMs,
          postponeMs,
          spacingMs,
          usableInMs,
        );
    if (row.is_metered === isMetered) return row;
    if (row.is_metered) metered.add(pool);
    else metered.delete(pool);
    return takeStarts(pool, wanted, options);
  }

  return {
    async take(
      pool,
      wanted = [lightestStart],
      { aheadMs = 0, postponeMs = 0, spacingMs = 0, usableInMs = leastUsableInMs } = {},
    ) {
      const row = await takeStarts(pool, wanted, { aheadMs, postponeMs, spacingMs, usableInMs });
      const reading = toReading(row);
      if (row.starts_at_ms.length > 0)
        return {
          status: 'taken',
          startsAtMs: row.starts_at_ms,
          grantedAtMs: row.granted_at_ms,
          watched: row.is_watched,
          reading,
        };
      if (row.is_held === true)
        return { status: 'wait', waitMs: operatorCheckMs, blocked: true, reading };
      // At least one millisecond: between two readings of the clock another worker may have taken
      // the start.
      const waitMs = Math.max(1, Math.ceil(Math.max(row.pace_ms, row.blocked_ms)));
      return { status: 'wait', waitMs, blocked: row.blocked_ms > 0, reading };
    },
    async now() {
      const [row] = await query<{ now_ms: number }>(database, statements.clock, []);
      return row?.now_ms ?? Number.NaN;
    },
    isClosed: async (pool) =>
      (await run<{ is_closed: boolean }>(statements.closed, pool)).is_closed,
    postpone: async (pool, { postponeMs, lateMs }) =>
      toReading(await run<ReadingRow>(starts.postponed, pool, postponeMs, lateMs)),
    async corrected(pool, grantedAtMs, { weight, used }) {
      const [images, tokens] = [weight.images - used.images, weight.tokens - used.tokens];
      if (images === 0 && tokens === 0) return;
      await database.query({
        ...starts.corrected,
        values: [pool, grantedAtMs, images, tokens],
      });
    },
    async answered(pool, deployment) {
      const row = await run<{ was_paused: boolean | null }>(statements.answered, pool, deployment);
      return { wasPaused: row.was_paused === true };
    },
    async refused(pool, { waitMs, reason, startedMsAgo, cause }) {
      const row = await run<{ wait_ms: number; pace_share: number }>(
        statements.refused,
        pool,
        waitMs === null ? null : Math.min(waitMs, longestBlockMs),
        reason,
        startedMsAgo,
        cause?.jobId ?? null,
        cause?.message ?? null,
      );
      return { waitMs: Math.ceil(row.wait_ms), paceShare: row.pace_share };
    },
    async reported(pool, stored, used) {
      const resets = meters.map((meter) => used[meter]?.resetMs ?? null);
      const limits = meters.map((meter) => stored[meter]?.limit ?? null);
      const json = JSON.stringify(stored);
      const row = await run<{ wait_ms: number | null }>(
        reported,
        pool,
        json,
        ...resets,
        ...limits,
        quotaUsed,
      );
      return row.wait_ms;
    },
    async pause(pool, deployment, { code, cause, probeMinutes = usualProbes }) {
      const details = [
        probeMinutes.first * options.minuteMs,
        probeMinutes.longest * options.minuteMs,
        code,
        cause?.jobId ?? null,
        cause?.message ?? null,
      ];
      const paused = await database.query<{ is_new: boolean; wait_ms: number }>({
        ...statements.deploymentPaused,
        values: [deployment, pool.name, ...details],
      });
      // This is a statement of its own: when two deployments fail at once, the later statement sees
      // that both are paused.
      const row = await run<{ is_paused: boolean; is_new: boolean; wait_ms: number }>(
        statements.pausedByFault,
        pool.name,
        pool.deployments,
        ...details,
      );
      return {
        isNew: paused.rows[0]?.is_new === true,
        waitMs: Math.ceil(paused.rows[0]?.wait_ms ?? 0),
        pool: { isPaused: row.is_paused, isNew: row.is_new, waitMs: Math.ceil(row.wait_ms) },
      };
    },
  };
}

/**
 * Pauses or resumes a pool for an operator; resuming ends any other block as well. False if there
 * is no such pool.
 */
export async function setPaused(database: Pool, pool: string, isPaused: boolean): Promise<boolean> {
  const statement = isPaused ? statements.pausedByOperator : statements.resumed;
  return (await query(database, statement, [pool])).length > 0;
}

/**
 * Opens a pool that a fault paused if one of its deployments is not paused: that deployment may
 * have been configured or repaired since the pause.
 */
export async function resumeRecovered(
  database: Pool,
  pool: { name: string; deployments: readonly string[] },
): Promise<void> {
  await database.query({ ...statements.recovered, values: [pool.name, pool.deployments] });
}
