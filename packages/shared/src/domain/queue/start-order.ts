/**
 * Plays the next starts of all pools forward: which job each start goes to, and when.
 *
 * A pool gives its starts to the jobs that it may take, in the order of dispatch: urgent jobs
 * first, and among equals those that a worker has claimed, then those in the window, then those in
 * the records. A job that several pools may take goes to the one that is free first. Faults, slow
 * answers and jobs that are still to come are not foreseen.
 */
import { rankOfTag } from './tags.ts';

/** `claimed`: a worker holds the job for its start. `dispatched`: it is in a pool's window. */
export type QueueStage = 'claimed' | 'dispatched' | 'waiting';

export interface QueuedJob {
  id: string;
  stage: QueueStage;
  /** The smaller, the more urgent. */
  priority: number;
  fairTag: number;
  /** When it was dispatched, in Unix milliseconds; null for a job in the records. */
  dispatchedAtMs: number | null;
  /** It rests for so long before it may start. */
  restsMs: number;
  /** The pools that may start it. */
  pools: readonly string[];
  images: number;
  tokens: number;
}

export interface StartingPool {
  name: string;
  /** The time until its next start. Null: it has none before an operator resumes it. */
  readyInMs: number | null;
  /** What a start, an image and a token take of its time; null: not counted. */
  spacingMs: number;
  imageMs: number | null;
  tokenMs: number | null;
}

export interface PlannedStart<Job> {
  job: Job;
  /** Null while no pool will start the job by itself. */
  pool: string | null;
  inMs: number | null;
}

const stages: readonly QueueStage[] = ['claimed', 'dispatched', 'waiting'];

/** Negative when `one` starts before `other` in a pool that may take both. */
export function compareTurns(one: QueuedJob, other: QueuedJob): number {
  return (
    one.priority - other.priority ||
    Number(other.stage === 'claimed') - Number(one.stage === 'claimed') ||
    // Jobs with a tag below 0 go before the window that was filled without them.
    rankOfTag(one.fairTag) - rankOfTag(other.fairTag) ||
    stages.indexOf(one.stage) - stages.indexOf(other.stage) ||
    (one.dispatchedAtMs ?? 0) - (other.dispatchedAtMs ?? 0) ||
    one.fairTag - other.fairTag ||
    (one.id < other.id ? -1 : 1)
  );
}

/**
 * Returns the first starts by their time, and behind them jobs that no pool will start by itself:
 * at most `limit` in all.
 * @param only count and return only the starts of this pool
 */
export function planStarts<Job extends QueuedJob>(
  pools: readonly StartingPool[],
  jobs: readonly Job[],
  { limit, only }: { limit: number; only?: string | undefined },
): PlannedStart<Job>[] {
  const waiting = jobs.toSorted(compareTurns);
  const open = pools.flatMap(({ readyInMs, ...pool }) =>
    readyInMs === null ? [] : [{ ...pool, atMs: readyInMs }],
  );
  const planned: PlannedStart<Job>[] = [];
  while (planned.length < limit && open.length > 0) {
    const pool = open.reduce((one, other) => (other.atMs < one.atMs ? other : one));
    const own = waiting.filter((job) => job.pools.includes(pool.name));
    const job = own.find(({ restsMs }) => restsMs <= pool.atMs);
    if (job !== undefined) {
      waiting.splice(waiting.indexOf(job), 1);
      if (only === undefined || only === pool.name)
        planned.push({ job, pool: pool.name, inMs: pool.atMs });
      pool.atMs += Math.max(
        pool.spacingMs,
        job.images * (pool.imageMs ?? 0),
        job.tokens * (pool.tokenMs ?? 0),
      );
    } else if (own.length > 0) pool.atMs = Math.min(...own.map(({ restsMs }) => restsMs));
    else open.splice(open.indexOf(pool), 1);
  }
  const stuck = waiting.filter(
    (job) =>
      (only === undefined || job.pools.includes(only)) &&
      !job.pools.some((name) =>
        pools.some((each) => each.name === name && each.readyInMs !== null),
      ),
  );
  const rest = stuck.slice(0, limit - planned.length);
  return [...planned, ...rest.map((job) => ({ job, pool: poolOf(job), inMs: null }))];
}

function poolOf({ pools }: QueuedJob): string | null {
  const [only, ...others] = pools;
  return others.length === 0 ? (only ?? null) : null;
}
