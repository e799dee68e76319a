/**
 * Routes. Jobs that the same deployments may take wait in one queue, the route, and every pool with
 * such a deployment takes jobs from it.
 *
 *   gpt-image-2         jobs for a model that some deployment is configured for
 *   *                   jobs for any other model, for deployments that serve any model
 *   gpt-image-2@openai  jobs of either kind that only this provider's rules allow: deployments of
 *                       another provider must not take them, even if they are configured later
 *   simulator           jobs for the simulator: no provider is ever paid for them, whatever is
 *                       configured later
 *
 * A route names no deployment, so a deployment that is added takes jobs that wait already.
 */
import { fitsAMinute, type Quota, type StartWeight } from '../domain/quota.ts';
import { simulatorName, type Deployment, type PoolSettings } from './deployment.ts';
import type { Provider } from './model-table.ts';

export type Route = string;

export const anyModel: Route = '*';

export interface Routes {
  /** Every route of this configuration. */
  all: readonly Route[];
  /** The models that deployments name in the configuration. */
  namedModels: readonly string[];
  /**
   * The deployments that serve a model, in the order of the configuration. `undefined` stands for
   * the default model of the first deployment.
   */
  serving(model: string | undefined): { model: string; deployments: Deployment[] };
  /** The route of a job for this model that the rules of these providers allow. */
  routeOf(model: string, allowed: readonly Provider[]): Route;
  /**
   * The deployments of a route, in the order of the configuration; empty when nothing serves it any
   * more.
   */
  deploymentsOf(route: Route): Deployment[];
  /** The pools that take jobs from a route, or those that can take a job of this weight. */
  poolsOf(route: Route, weight?: StartWeight): string[];
  /** The quota of a pool. */
  quotaOf(pool: string): Quota;
  /** The routes that a pool takes jobs from. */
  routesOf(pool: string): Route[];
  /** The routes whose jobs compete with this route for the starts of a pool, including itself. */
  competingRoutes(route: Route): Route[];
}

const noLimits: Quota = { rpm: null, ipm: null, tpm: null };

/** @param pools Default: pools without limits. */
export function buildRoutes(
  deployments: readonly Deployment[],
  pools: readonly PoolSettings[] = [],
): Routes {
  const namedModels = unique(deployments.flatMap(({ model }) => model ?? []));
  const byRoute = new Map<Route, Deployment[]>();
  for (const deployment of deployments) {
    for (const route of servedBy(deployment)) {
      byRoute.set(route, [...(byRoute.get(route) ?? []), deployment]);
    }
  }

  function servedBy({ name, model, provider }: Deployment): Route[] {
    if (name === simulatorName) return [simulatorName];
    const lines = model === null ? [anyModel, ...namedModels] : [model];
    return lines.flatMap((line) => [line, limitTo(line, provider)]);
  }

  const routes: Routes = {
    all: [...byRoute.keys()],
    namedModels,
    serving(asked) {
      const model = asked ?? deployments[0]?.defaultModel ?? '';
      return {
        model,
        deployments: deployments.filter((each) => each.model === null || each.model === model),
      };
    },
    routeOf(model, allowed) {
      if (deployments.some(({ name }) => name === simulatorName)) return simulatorName;
      const line = namedModels.includes(model) ? model : anyModel;
      const [only, ...others] = allowed;
      return only !== undefined && others.length === 0 ? limitTo(line, only) : line;
    },
    deploymentsOf: (route) => byRoute.get(route) ?? [],
    poolsOf: (route, weight) =>
      unique(routes.deploymentsOf(route).map(({ pool }) => pool)).filter(
        (pool) => weight === undefined || fitsAMinute(weight, routes.quotaOf(pool)),
      ),
    quotaOf: (pool) => pools.find(({ name }) => name === pool) ?? noLimits,
    routesOf: (pool) => routes.all.filter((route) => routes.poolsOf(route).includes(pool)),
    competingRoutes: (route) =>
      unique([route, ...routes.poolsOf(route).flatMap((pool) => routes.routesOf(pool))]),
  };
  return routes;
}

function limitTo(line: string, provider: Provider): Route {
  return `${line}@${provider}`;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
