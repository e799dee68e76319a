/**
 * Tells how many jobs wait in each pool, and when a job will start.
 *
 * Problem: counting everything that waits takes a second with a million jobs.
 * Approach: the full count is taken rarely (`remember`), and each answer counts only what concerns
 * its own jobs. Guarantee: counting takes at most a twentieth of the time, so a count may be about
 * twenty times as old as the counting took. Positions ignore that another pool may take a job over.
 * Used by answers about jobs, batches and pools.
 */
import type { Routes } from '../../models/routes.ts';
import { rankOfTag } from '../../domain/queue/tags.ts';
import { addCrowds, noCrowd, spacingAmong, type Crowd } from '../../domain/crowd.ts';
import { compareLimits } from '../../domain/reported-limits.ts';
import { toUsd } from '../../domain/money.ts';
import { msUntilStart, type PoolPace } from '../../domain/start-times.ts';
import { weightOf, type JobRow } from '../../records/jobs/jobs.ts';
import { inSnapshot } from '../../records/database/in-snapshot.ts';
import type { Database } from '../../records/database/open-records.ts';
import { listPaces, listPools, type PaceRow, type PoolRow } from '../../records/pools.ts';
import { listPauses } from '../../records/pauses.ts';
import {
  countAtGates,
  countDispatched,
  countInWindow,
  readMarks,
  type PoolCrowd,
  type RouteMark,
} from '../../records/jobs/queue-positions.ts';
import type { Job } from '../../schemas/job.ts';
import type { PoolView } from '../../schemas/pool.ts';
import { countAhead, type Marks } from './count-ahead.ts';
import { waitReasonOf } from './wait-reason.ts';
import type { ConfiguredPool } from '../../quota/configured-pool.ts';

const freshMs = 1_000;
/** A full count is repeated only after this many times as long as the last one took. */
const countingShare = 20;
/** The time a call takes, added to the time of a job's start. */
const typicalAnswerSeconds = 20;

type QueuePosition = NonNullable<Job['queue']>;
type Place = Pick<QueuePosition, 'position' | 'starts_in_seconds' | 'eta_seconds'>;
type NewJob = Pick<JobRow, 'route' | 'model' | 'priority'> &
  Partial<Pick<JobRow, 'n' | 'tokens_estimated'>>;

export interface Backlog {
  /** Lists every configured pool. If counting is slow, the backlog is that of the last count. */
  list(): Promise<PoolView[]>;
  /** The positions of queued jobs, by their ids. */
  queuePositionsOf(jobs: readonly JobRow[]): Promise<Map<string, QueuePosition>>;
  /**
   * The last position that a job created now may get.
   * @param job `n`: only pools that can take it count; default: all that serve its route
   * @param others the jobs that are created together with it and start before it
   */
  queuePositionOfNew(job: NewJob, others?: Crowd): Promise<QueuePosition>;
}

export function createBacklog(
  db: Database,
  pools: readonly ConfiguredPool[],
  routes: Routes,
): Backlog {
  const counts = remember(() => inSnapshot(db, count));
  // Read at one moment: a job of a paused pool has no time, and says so.
  const outlook = remember(() =>
    inSnapshot(db, async (now) => ({
      paces: await listPaces(now),
      pauses: await listPauses(now, []),
    })),
  );

  async function count(now: Database): Promise<Counts> {
    const marks = Map.groupBy(await readMarks(now, routes.all), (mark) => mark.route);
    const started = [...(await countDispatched(now, [])), ...(await countAtGates(now))];
    return { marks, dispatchedTo: (names) => crowdIn(started, names) };
  }

  return {
    async list() {
      const [{ marks, dispatchedTo }, now] = await Promise.all([
        counts.isCheap() ? counts.read() : counts.recent(),
        listPools(db),
      ]);
      return pools.flatMap((pool) => {
        const row = now.find(({ name }) => name === pool.name);
        if (row === undefined) return [];
        const waiting = addCrowds(pool.routes.map(({ route }) => totalOf(marks.get(route))));
        const names = [pool.name, ...pool.sharers];
        const eta = secondsUntilStart(now, names, addCrowds([waiting, dispatchedTo(names)]));
        const backlog = waiting.jobs + dispatchedTo([pool.name]).jobs;
        return [toPool(row, pool, backlog, eta)];
      });
    },

    async queuePositionsOf(jobs) {
      const { marks } = await counts.recent();
      return inSnapshot(db, async (snapshot) => {
        const waiting = jobs.filter((job) => !isDispatched(job)).map(({ id }) => id);
        const now = await listPaces(snapshot);
        const closed = await listPauses(
          snapshot,
          jobs.map(({ id }) => id),
        );
        const inWindow = await countInWindow(snapshot, jobs.filter(isDispatched));
        const dispatched = waiting.length === 0 ? [] : await countDispatched(snapshot, waiting);
        const atGates = jobs.length === 0 ? [] : await countAtGates(snapshot);
        const ahead = await countAhead(snapshot, routes, marks, jobs);
        return new Map(
          jobs.map((job) => {
            const names = isDispatched(job)
              ? [job.pool ?? '']
              : routes.poolsOf(job.route, weightOf(job));
            const inWindows = isDispatched(job)
              ? (inWindow.get(job.id) ?? noCrowd)
              : // The queue engine sorts by priority and rank, then by the time of dispatch.
                crowdIn(dispatched, names, turnOf(job));
            const place = toPlace(
              now,
              names,
              addCrowds([
                crowdIn(atGates, names, turnOf(job)),
                inWindows,
                ahead.get(job.id) ?? noCrowd,
              ]),
            );
            const facts = { pauses: closed, routes, isUrgentWaiting: isUrgentWaiting(marks, job) };
            return [
              job.id,
              { ...notBefore(job.available_at, place), ...waitReasonOf(job, facts, Date.now()) },
            ];
          }),
        );
      });
    },

    async queuePositionOfNew(job, others = noCrowd) {
      const [{ marks, dispatchedTo }, { paces, pauses }] = await Promise.all([
        counts.recent(),
        outlook.recent(),
      ]);
      const { n = 1, tokens_estimated: tokens = null } = job;
      const names = routes.poolsOf(job.route, weightOf({ n, tokens_estimated: tokens }));
      const waiting = routes
        .competingRoutes(job.route)
        .map((beside) => totalOf(marks.get(beside), job.priority));
      const facts = { pauses, routes, isUrgentWaiting: isUrgentWaiting(marks, job) };
      return {
        ...toPlace(paces, names, addCrowds([dispatchedTo(names), ...waiting, others])),
        ...waitReasonOf({ id: '', ...job }, facts, Date.now()),
      };
    },
  };

  function isUrgentWaiting(marks: Marks, { route, priority }: NewJob): boolean {
    const isUrgent = (beside: string) => totalOf(marks.get(beside), priority - 1).jobs > 0;
    return priority > 0 && routes.competingRoutes(route).some(isUrgent);
  }
}

/** The jobs that wait, counted at one moment. */
interface Counts {
  marks: Marks;
  /** Jobs that were dispatched to these pools already: they start first. */
  dispatchedTo(pools: readonly string[]): Crowd;
}

/**
 * Remembers a value that is slow to read. `read` reads it now; `recent` reads it at most once a
 * second, and so rarely that reading takes at most a twentieth of the time.
 */
function remember<T>(load: () => Promise<T>) {
  let last: { value: T; atMs: number; tookMs: number } | null = null;
  let loading: Promise<T> | null = null;

  async function read(): Promise<T> {
    const atMs = Date.now();
    const value = await load();
    last = { value, atMs, tookMs: Date.now() - atMs };
    return value;
  }

  return {
    read,
    isCheap: () => last === null || last.tookMs * countingShare <= freshMs,
    /** The last value. While it is being read again, the old one is returned. */
    async recent(): Promise<T> {
      if (last !== null && Date.now() - last.atMs <= Math.max(freshMs, last.tookMs * countingShare))
        return last.value;
      loading ??= read().finally(() => (loading = null));
      if (last === null) return loading;
      loading.catch(() => undefined); // a caller without an old value gets the error
      return last.value;
    },
  };
}

/** Null when none of the pools will start a job before an operator resumes it. */
function secondsUntilStart(
  now: readonly PaceRow[],
  names: readonly string[],
  ahead: Crowd,
): number | null {
  const paces = now.filter(({ name }) => names.includes(name)).map((row) => paceOf(row, ahead));
  const ms = msUntilStart(ahead.jobs, paces);
  return ms === null ? null : Math.ceil(ms / 1000);
}

function toPlace(now: readonly PaceRow[], names: readonly string[], ahead: Crowd): Place {
  const seconds = secondsUntilStart(now, names, ahead);
  const position = ahead.jobs;
  return {
    position,
    starts_in_seconds: seconds,
    eta_seconds: seconds === null ? null : seconds + typicalAnswerSeconds,
  };
}

type EngineTurn = Pick<PoolCrowd, 'priority' | 'rank'>;

const lastTurn: EngineTurn = { priority: Number.POSITIVE_INFINITY, rank: 0 };

function turnOf({ priority, fair_tag: tag }: JobRow): EngineTurn {
  return { priority, rank: rankOfTag(tag) };
}

/** The jobs in these pools that have this turn or an earlier one. */
function crowdIn(
  counted: readonly PoolCrowd[],
  names: readonly string[],
  turn: EngineTurn = lastTurn,
): Crowd {
  const before = counted.filter(
    ({ pool, priority, rank }) =>
      names.includes(pool) &&
      (priority < turn.priority || (priority === turn.priority && rank <= turn.rank)),
  );
  return addCrowds(before.map(({ crowd }) => crowd));
}

/** A job that waits for a retry does not start before its time. */
function notBefore(
  availableAt: Date,
  { position, starts_in_seconds: start, eta_seconds: eta }: Place,
): Place {
  const rests = Math.ceil((availableAt.getTime() - Date.now()) / 1000);
  return {
    position,
    starts_in_seconds: start === null ? null : Math.max(start, rests),
    eta_seconds: eta === null ? null : Math.max(eta, rests + typicalAnswerSeconds),
  };
}

function isDispatched(job: JobRow): boolean {
  return job.dispatched_at !== null;
}

/** The jobs that wait in a route, of this priority or a higher one. */
function totalOf(
  marks: readonly RouteMark[] | undefined,
  priority = Number.POSITIVE_INFINITY,
): Crowd {
  return marks?.findLast((mark) => mark.is_last && mark.priority <= priority)?.crowd ?? noCrowd;
}

/** Null when the pool makes no start before an operator resumes it. */
export function msUntilReady(row: PaceRow): number | null {
  return row.paused_by === 'operator' ? null : Math.max(row.blocked_for_ms, row.next_start_in_ms);
}

/** @param ahead the jobs that the pool starts: what they weigh decides how long each takes */
function paceOf(row: PaceRow, ahead: Crowd): PoolPace {
  return {
    readyInMs: msUntilReady(row),
    spacingMs: spacingAmong(
      {
        spacingMs: row.spacing_ms,
        imageMs: row.image_spacing_ms,
        tokenMs: row.token_spacing_ms,
        ipm: row.ipm,
      },
      ahead,
    ),
  };
}

function toPool(row: PoolRow, pool: ConfiguredPool, backlog: number, eta: number | null): PoolView {
  const isBlocked = row.blocked_for_ms > 0;
  return {
    object: 'pool',
    name: row.name,
    rpm: row.rpm,
    ipm: row.ipm,
    tpm: row.tpm,
    reported:
      row.reported === null
        ? null
        : {
            deployment: row.reported.deployment,
            at: row.reported.at,
            requests: row.reported.requests ?? null,
            images: row.reported.images ?? null,
            tokens: row.reported.tokens ?? null,
          },
    warnings: row.reported === null ? [] : compareLimits(pool, row.reported),
    status: row.paused_by === null ? (isBlocked ? 'blocked' : 'open') : 'paused',
    pace: { interval_ms: row.spacing_ms, share: row.pace_share },
    next_start_at: row.next_start_at.getTime() === 0 ? null : row.next_start_at.getTime() / 1000,
    paused_by: row.paused_by,
    is_probing: row.probing,
    blocked_until:
      isBlocked && row.blocked_until !== null ? row.blocked_until.getTime() / 1000 : null,
    ...closedBy(row, isBlocked),
    backlog,
    in_flight: row.inFlight,
    held: row.held,
    at_risk: toUsd(row.atRiskMicros),
    eta_seconds: eta,
    deployments: pool.deployments.map((name) => {
      const paused = row.paused_deployments[name];
      return {
        name,
        status: paused === undefined ? 'open' : 'paused',
        paused_reason: paused?.reason ?? null,
        paused_job: paused?.job_id ?? null,
        paused_message: paused?.message ?? null,
        next_probe_at: paused?.until ?? null,
        paused_models: row.paused_models
          .filter(({ deployment }) => deployment === name)
          .map(({ model, reason, job_id, message, until }) => ({
            model,
            paused_reason: reason,
            paused_job: job_id,
            paused_message: message,
            next_probe_at: until,
          })),
      };
    }),
  };
}

/** Why the pool is closed, with the job that was refused and the words of the provider. */
function closedBy(
  row: PoolRow,
  isBlocked: boolean,
): Pick<PoolView, 'blocked_reason' | 'blocked_job' | 'blocked_message'> {
  if (!isBlocked && row.paused_by === null)
    return { blocked_reason: null, blocked_job: null, blocked_message: null };
  const { blocked_reason, blocked_job, blocked_message } = row;
  return { blocked_reason, blocked_job, blocked_message };
}
