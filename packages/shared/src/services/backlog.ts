/**
 * What waits in each pool, for answers that tell a position and a time. Counted at most once a second, and not so often that the counting
 * itself would be noticed, whatever the number of requests.
 */
import type { ConfiguredPool } from '../deps.ts';
import type { Routes } from '../domain/routes.ts';
import { msUntilStart, type PoolPace } from '../domain/start-times.ts';
import type { JobRow } from '../records/jobs.ts';
import type { Database } from '../records/open-records.ts';
import { listPools, type PoolRow } from '../records/pools.ts';
import {
  countHanded,
  countInWindow,
  countRanges,
  readMarks,
  type CountedRange,
  type OrderKey,
  type RouteMark,
} from '../records/queue-places.ts';
import type { Job } from '../schemas/job.ts';
import type { PoolView } from '../schemas/pool.ts';

const freshMs = 1_000;
/** Counting takes at most one part in so many of the time. */
const countingShare = 20;
/** What an answer takes, added to the time of a job's start. */
const typicalAnswerSeconds = 20;

type Place = NonNullable<Job['queue']>;

export interface Backlog {
  /** Every configured pool; its backlog is as of the last count where counting takes its time. */
  list(): Promise<PoolView[]>;
  /** Where queued jobs stand, by their ids. A job that a pool of a shared route would overtake is told the later time. */
  placesOf(jobs: readonly JobRow[]): Promise<Map<string, Place>>;
  /** Where a job stands that is created now, at the latest. */
  placeOfNew(route: string, priority: number): Promise<Place>;
}

interface Count {
  atMs: number;
  tookMs: number;
  pools: Map<string, PoolRow>;
  marks: Map<string, RouteMark[]>;
}

export function createBacklog(db: Database, pools: readonly ConfiguredPool[], routes: Routes): Backlog {
  let counted: Count | null = null;
  let counting: Promise<Count> | null = null;

  async function count(): Promise<Count> {
    const atMs = Date.now();
    const [rows, marks] = await Promise.all([listPools(db), readMarks(db, routes.all)]);
    counted = {
      atMs,
      tookMs: Date.now() - atMs,
      pools: byName(rows),
      marks: Map.groupBy(marks, (mark) => mark.route),
    };
    return counted;
  }

  /** The last count; an old one is good enough while a new one is made. */
  async function current(): Promise<Count> {
    if (counted !== null && Date.now() - counted.atMs <= Math.max(freshMs, counted.tookMs * countingShare))
      return counted;
    counting ??= count().finally(() => (counting = null));
    if (counted === null) return counting;
    counting.catch(() => undefined); // told to whoever waits for it; the old count serves meanwhile
    return counted;
  }

  /** Null where none of the pools will start a job by itself. */
  function secondsUntilStart(now: Count, names: readonly string[], ahead: number): number | null {
    const paces = names.flatMap((name) => {
      const row = now.pools.get(name);
      return row === undefined ? [] : [paceOf(row, Date.now() - now.atMs)];
    });
    const ms = msUntilStart(ahead, paces);
    return ms === null ? null : Math.ceil(ms / 1000);
  }

  function placeIn(now: Count, names: readonly string[], position: number): Place {
    const seconds = secondsUntilStart(now, names, position);
    return { position, eta_seconds: seconds === null ? null : seconds + typicalAnswerSeconds };
  }

  /** Jobs that were handed to the pools of a route already: they start first. */
  function handedTo(now: Count, names: readonly string[]): number {
    return names.reduce((sum, name) => sum + (now.pools.get(name)?.handed ?? 0), 0);
  }

  return {
    async list() {
      const isCheap = counted === null || counted.tookMs * countingShare <= freshMs;
      const [last, rows] = await Promise.all([isCheap ? count() : current(), listPools(db)]);
      const now: Count = { ...last, atMs: Date.now(), pools: byName(rows) };
      return pools.flatMap((pool) => {
        const row = now.pools.get(pool.name);
        if (row === undefined) return [];
        const waiting = pool.lanes.reduce((sum, { route }) => sum + totalOf(now.marks.get(route)), 0);
        const backlog = waiting + row.handed;
        const shared = handedTo(now, pool.sharers);
        const eta = secondsUntilStart(now, [pool.name, ...pool.sharers], backlog + shared);
        return [toPool(row, pool, backlog, eta)];
      });
    },

    async placesOf(jobs) {
      const now = await current();
      // Those of each route that come before a job; of one that was handed over, those of a higher priority, which overtake it.
      const ranges = jobs.flatMap((job) => {
        const before = isHanded(job) ? firstOf(job.priority) : toKey(job);
        return routes.besides(job.route).map((route) => rangeOf(now, job.id, route, before));
      });
      const waiting = jobs.filter((job) => !isHanded(job)).map(({ id }) => id);
      const [places, handed, between] = await Promise.all([
        countInWindow(db, jobs.filter(isHanded)),
        waiting.length === 0 ? [] : countHanded(db, waiting),
        countRanges(db, ranges),
      ]);
      const marked = new Map<string, number>();
      for (const { job, place } of ranges) marked.set(job, (marked.get(job) ?? 0) + place);

      return new Map(
        jobs.map((job) => {
          const names = isHanded(job) ? [job.pool ?? ''] : routes.poolsOf(job.route);
          const inWindows = isHanded(job)
            ? (places.get(job.id) ?? 0)
            : // The queue engine goes by priority as well, and then by who was handed over first.
              handed
                .filter(({ pool, priority }) => names.includes(pool) && priority <= job.priority)
                .reduce((sum, each) => sum + each.count, 0);
          const ahead = inWindows + (marked.get(job.id) ?? 0) + (between.get(job.id) ?? 0);
          return [job.id, notBefore(job.available_at, placeIn(now, names, ahead))];
        }),
      );
    },

    async placeOfNew(route, priority) {
      const now = await current();
      const names = routes.poolsOf(route);
      const waiting = routes
        .besides(route)
        .reduce((sum, beside) => sum + totalOf(now.marks.get(beside), priority), 0);
      return placeIn(now, names, handedTo(now, names) + waiting);
    },
  };
}

function byName(rows: readonly PoolRow[]): Map<string, PoolRow> {
  return new Map(rows.map((row) => [row.name, row]));
}

/** What is counted for a job in a route: what lies behind the last mark before its place, on top of that mark's. */
function rangeOf(now: Count, job: string, route: string, before: OrderKey): CountedRange & { place: number } {
  const mark =
    (now.marks.get(route) ?? []).findLast((each) => !each.is_last && isBefore(each, before)) ?? null;
  return { job, route, after: mark, before, place: mark?.place ?? 0 };
}

/** The place before every job of a priority. */
function firstOf(priority: number): OrderKey {
  return { priority, fair_tag: Number.MIN_SAFE_INTEGER, id: '' };
}

function isBefore(one: OrderKey, other: OrderKey): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.fair_tag !== other.fair_tag) return one.fair_tag < other.fair_tag;
  return one.id < other.id;
}

/** A job that rests before a retry does not start earlier than that. */
function notBefore(availableAt: Date, { position, eta_seconds: eta }: Place): Place {
  const rests = Math.ceil((availableAt.getTime() - Date.now()) / 1000) + typicalAnswerSeconds;
  return { position, eta_seconds: eta === null ? null : Math.max(eta, rests) };
}

function isHanded(job: JobRow): boolean {
  return job.dispatched_at !== null;
}

function toKey({ id, priority, fair_tag }: JobRow): OrderKey {
  return { id, priority, fair_tag };
}

/** The jobs that wait in a route, of a priority and those before it. */
function totalOf(marks: readonly RouteMark[] | undefined, priority = Number.POSITIVE_INFINITY): number {
  return marks?.findLast((mark) => mark.is_last && mark.priority <= priority)?.place ?? 0;
}

function paceOf(row: PoolRow, ageMs: number): PoolPace {
  return {
    readyInMs:
      row.paused_by === 'operator'
        ? null
        : Math.max(0, Math.max(row.blocked_for_ms, row.next_start_in_ms) - ageMs),
    spacingMs: row.interval_ms / row.pace_share,
  };
}

function toPool(row: PoolRow, pool: ConfiguredPool, backlog: number, eta: number | null): PoolView {
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
    eta_seconds: eta,
    deployments: pool.deployments.map((name) => {
      const paused = row.paused_deployments[name];
      return {
        name,
        status: paused === undefined ? 'open' : 'paused',
        paused_reason: paused?.reason ?? null,
        next_probe_at: paused?.until ?? null,
      };
    }),
  };
}
