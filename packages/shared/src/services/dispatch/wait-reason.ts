/** Says why a queued job waits, from what is closed now. Pure. */
import type { Routes } from '../../models/routes.ts';
import type { JobRow } from '../../records/jobs/jobs.ts';
import type { Pauses } from '../../records/pauses.ts';
import type { Job, WaitReason } from '../../schemas/job.ts';

type Waiting = Pick<NonNullable<Job['queue']>, 'reason' | 'because' | 'until'>;

export type WaitingJob = Pick<JobRow, 'id' | 'route' | 'model' | 'priority'> &
  Partial<Pick<JobRow, 'pool' | 'dispatched_at' | 'parked' | 'lacks' | 'available_at'>>;

/** `isUrgentWaiting`: jobs of a higher priority wait for the same pools. */
export function waitReasonOf(
  job: WaitingJob,
  facts: { pauses: Pauses; routes: Routes; isUrgentWaiting: boolean },
  nowMs: number,
): Waiting {
  const { pauses, routes, isUrgentWaiting } = facts;
  if (job.parked === true) return plain('batch_paused');
  if (job.lacks !== null && job.lacks !== undefined) return plain(job.lacks);
  const isDispatched = job.dispatched_at !== null && job.dispatched_at !== undefined;
  const names = isDispatched ? [job.pool ?? ''] : routes.poolsOf(job.route);
  const closed =
    closureOf(pauses.pools, names) ??
    closureOfDeployments(pauses, routes, job, (pool) => names.includes(pool));
  if (closed !== null) return closed;
  const rests = job.available_at !== undefined && job.available_at.getTime() > nowMs;
  const refusal = pauses.refusals.find(({ jobId }) => jobId === job.id);
  if (rests && refusal !== undefined)
    return caused('refused', { ...refusal, until: toSeconds(job.available_at) });
  if (rests) return { ...plain('retry'), until: toSeconds(job.available_at) };
  return plain(job.priority > 0 && isUrgentWaiting ? 'priority' : 'pace');
}

/** Null while one of the pools is open. */
function closureOf(pools: Pauses['pools'], names: readonly string[]): Waiting | null {
  const own = pools
    .filter(({ name }) => names.includes(name))
    // Only an operator ends this pause, whatever closed the pool before.
    .map((pool) => (pool.pausedBy === 'operator' ? { ...pool, until: null } : pool));
  if (own.length === 0) return plain('not_served');
  if (own.some(({ pausedBy, isBlocked }) => pausedBy === null && !isBlocked)) return null;
  const blocked = own.filter(({ pausedBy }) => pausedBy === null);
  const first = soonest(blocked.length > 0 ? blocked : own);
  return first === null ? null : caused(blocked.length > 0 ? 'blocked' : 'pool_paused', first);
}

/** Null while a deployment of these pools works and takes the job's model. */
function closureOfDeployments(
  pauses: Pauses,
  routes: Routes,
  { route, model }: WaitingJob,
  isOwn: (pool: string) => boolean,
): Waiting | null {
  const own = routes.deploymentsOf(route).filter(({ pool }) => isOwn(pool));
  if (own.length === 0) return plain('not_served');
  const paused = new Map(pauses.deployments.map((each) => [each.name, each]));
  const working = own.filter(({ name }) => !paused.has(name));
  if (working.length === 0) {
    const first = soonest(own.flatMap(({ name }) => paused.get(name) ?? []));
    return first === null ? null : caused('deployment_paused', first);
  }
  const refusing = working.map(({ name }) =>
    pauses.models.find((each) => each.deployment === name && each.model === model),
  );
  if (refusing.includes(undefined)) return null;
  const first = soonest(refusing.flatMap((each) => each ?? []));
  return first === null ? null : caused('model_paused', first);
}

type Because = Pauses['deployments'][number] | Pauses['refusals'][number];

function soonest<T extends { until: number | null }>(causes: readonly T[]): T | null {
  const infinite = Number.POSITIVE_INFINITY;
  return (
    causes.toSorted((one, other) => (one.until ?? infinite) - (other.until ?? infinite))[0] ?? null
  );
}

function caused(
  reason: WaitReason,
  { code, jobId, message, until }: Pick<Because, 'code' | 'jobId' | 'message' | 'until'>,
): Waiting {
  return {
    reason,
    because: code === null ? null : { code, job_id: jobId, message },
    until: until === null ? null : Math.ceil(until),
  };
}

function plain(reason: WaitReason): Waiting {
  return { reason, because: null, until: null };
}

function toSeconds(time: Date | undefined): number | null {
  return time === undefined ? null : Math.ceil(time.getTime() / 1_000);
}
