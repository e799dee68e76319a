/**
 * `GET /v1/queue`: the jobs that start next, over all batches and in the order in which they would
 * start (`domain/queue/start-order.ts`). Reads a few rows of each pool and route. Jobs of paused
 * batches are not among them, nor those whose model every deployment refuses.
 */
import { planStarts, type StartingPool } from '../../domain/queue/start-order.ts';
import { KilnError } from '../../errors.ts';
import type { Routes } from '../../models/routes.ts';
import type { ConfiguredPool } from '../../quota/configured-pool.ts';
import { inSnapshot } from '../../records/database/in-snapshot.ts';
import type { Database } from '../../records/database/open-records.ts';
import { listPauses, type Pauses } from '../../records/pauses.ts';
import { listPaces, type PaceRow } from '../../records/pools.ts';
import { readNextJobs, readTurns, type Turn } from '../../records/queue/next-jobs.ts';
import { promptCharacters, type QueueEntry } from '../../schemas/jobs/queue.ts';
import { cutText } from '../../schemas/text.ts';
import type { Caller } from '../caller.ts';
import { msUntilReady } from './backlog.ts';
import { waitReasonOf } from './wait-reason.ts';

export interface QueueDeps {
  db: Database;
  pools: readonly ConfiguredPool[];
  routes: Routes;
}

export interface QueueQuery {
  /** Only the jobs that this pool should start. */
  pool?: string | undefined;
  limit: number;
}

/** Throws `pool_not_found`. */
export async function listNextJobs(
  { db, pools, routes }: QueueDeps,
  { projectId }: Caller,
  { pool, limit }: QueueQuery,
): Promise<{ entries: QueueEntry[]; hasMore: boolean }> {
  const asked = pools.find(({ name }) => name === pool);
  if (pool !== undefined && asked === undefined) throw unknownPool(pool, pools);
  const names = pools.map(({ name }) => name);
  // Pools that share a route with the asked one take some of its jobs.
  const most = (limit + 1) * (1 + (asked?.sharers.length ?? 0));
  return inSnapshot(db, async (snapshot) => {
    const [paces, closed] = [await listPaces(snapshot), await listPauses(snapshot, [])];
    const served = routes.all.map((route) => ({ route, refused: refusedModels(route) }));
    const turns = await readTurns(snapshot, names, served, most);
    const starts = planStarts(
      paces.filter(({ name }) => names.includes(name)).map(toStartingPool),
      turns.map((turn) => ({ ...turn, pools: poolsOf(turn, closed) })),
      { limit: limit + 1, only: pool },
    );
    const ids = starts.slice(0, limit).map(({ job }) => job.id);
    const shown = await readNextJobs(snapshot, projectId, ids, promptCharacters);
    const pauses = await listPauses(snapshot, ids);
    const known = new Map(shown.map((job) => [job.id, job]));
    const nowMs = Date.now();
    const entries = starts.slice(0, limit).flatMap(({ job: turn, pool: from, inMs }) => {
      const job = known.get(turn.id);
      if (job === undefined) return []; // another project's
      const { available_at, lacks } = job;
      const dispatched_at = turn.stage === 'waiting' ? null : new Date(turn.dispatchedAtMs ?? 0);
      const waiting = { ...turn, pool: turn.pool, dispatched_at, available_at, lacks };
      const beside = routes.competingRoutes(turn.route);
      const isUrgentWaiting = turns.some(
        ({ stage, priority, route }) =>
          stage !== 'claimed' && priority < turn.priority && beside.includes(route),
      );
      const entry: QueueEntry = {
        id: job.id,
        object: 'queue.entry',
        status: job.status,
        batch_id: job.batch_id,
        row: job.row_number,
        custom_id: job.custom_id,
        prompt: job.prompt,
        size: job.size,
        n: turn.images,
        model: turn.model,
        priority: turn.priority === 0 ? 'interactive' : 'bulk',
        source_file_id: job.source_file_id,
        pool: from,
        starts_in_seconds: inMs === null ? null : Math.ceil(inMs / 1_000),
        starts_at: inMs === null ? null : Math.ceil((nowMs + inMs) / 1_000),
        ...waitReasonOf(waiting, { pauses, routes, isUrgentWaiting }, nowMs),
      };
      return [entry];
    });
    return { entries, hasMore: starts.length > limit };

    function refusedModels(route: string): string[] {
      const working = workingDeployments(route, closed);
      const models = [...new Set(closed.models.map(({ model }) => model))];
      return models.filter(
        (model) =>
          working.length > 0 && working.every(({ name }) => isRefused(name, model, closed)),
      );
    }
  });

  /** The pools that may start the job: none while all its deployments there are closed for it. */
  function poolsOf({ stage, pool: own, route, model, images, tokens }: Turn, closed: Pauses) {
    if (stage !== 'waiting') return own === null ? [] : [own];
    const working = workingDeployments(route, closed).filter(
      ({ name }) => !isRefused(name, model, closed),
    );
    return routes
      .poolsOf(route, { images, tokens })
      .filter((name) => working.some((deployment) => deployment.pool === name));
  }

  function workingDeployments(route: string, { deployments }: Pauses) {
    return routes
      .deploymentsOf(route)
      .filter(({ name }) => deployments.every((paused) => paused.name !== name));
  }
}

function isRefused(deployment: string, model: string, { models }: Pauses): boolean {
  return models.some((paused) => paused.deployment === deployment && paused.model === model);
}

function toStartingPool(row: PaceRow): StartingPool {
  return {
    name: row.name,
    readyInMs: msUntilReady(row),
    spacingMs: row.spacing_ms,
    imageMs: row.image_spacing_ms,
    tokenMs: row.token_spacing_ms,
  };
}

function unknownPool(pool: string, pools: readonly ConfiguredPool[]): KilnError {
  const known = pools.map(({ name }) => name).join(', ');
  return new KilnError(
    'pool_not_found',
    `pool: there is no pool "${cutText(pool, 100)}"; there are ${known}`,
    { param: 'pool' },
  );
}
