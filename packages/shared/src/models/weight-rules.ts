/**
 * Refuses a job that is heavier than a minute of every pool that serves it: no start would ever
 * have room for it. A job that one of the pools can take waits for that one.
 */
import type { StartWeight } from '../domain/quota.ts';
import type { JobProblem } from './job-findings.ts';
import type { Route, Routes } from './routes.ts';

export function checkWeight(
  routes: Routes,
  { route, model, weight }: { route: Route; model: string; weight: StartWeight },
): JobProblem | null {
  if (routes.poolsOf(route, weight).length > 0) return null;
  const pools = routes.poolsOf(route).map((name) => ({ name, ...routes.quotaOf(name) }));
  const forImages = largest(pools, 'ipm');
  if (forImages === null) return null; // nothing serves the route
  if (forImages.limit < weight.images) {
    const message =
      `n: received ${weight.images}; the pools that serve ${model} allow at most ` +
      `${forImages.limit} images a minute (ipm of pool "${forImages.name}"); ask for at most ` +
      `${forImages.limit} in one job`;
    return { param: 'n', message };
  }
  const fitting = pools.filter(({ ipm }) => ipm === null || weight.images <= ipm);
  const forTokens = largest(fitting, 'tpm');
  const param = weight.images > 1 ? 'n' : 'quality';
  const message =
    `${param}: the job may use ${weight.tokens} tokens, by an upper estimate; the pools that ` +
    `serve ${model} allow at most ${forTokens?.limit} tokens a minute (tpm of pool ` +
    `"${forTokens?.name}"); ask for fewer images, a smaller size or a lower quality`;
  return { param, message };
}

function largest<M extends 'ipm' | 'tpm'>(
  pools: readonly ({ name: string } & Record<M, number | null>)[],
  meter: M,
): { name: string; limit: number } | null {
  const limits = pools.map((pool) => ({
    name: pool.name,
    limit: pool[meter] ?? Number.POSITIVE_INFINITY,
  }));
  return limits.toSorted((one, other) => other.limit - one.limit)[0] ?? null;
}
