/**
 * Routes: jobs that may go to the same deployments wait in one line, which every pool with such a
 * deployment takes from.
 *
 *   gpt-image-2          jobs for a model that some deployment is configured for
 *   *                    jobs for any other model, for deployments that take whichever is named
 *   gpt-image-2@openai   of either, the jobs that only this provider's rules allow: another's deployments must not take them, even if they
 *                        are added later
 *   simulator            jobs the simulator was asked for: no provider is ever paid for them, whatever is configured later
 *
 * A route names no deployment, so one that is added takes part in what waits already.
 */
import { simulatorName, type Deployment } from './deployment.ts';
import type { Provider } from './model-table.ts';

export type Route = string;

export const anyModel: Route = '*';

export interface Routes {
  /** Every route there can be under this configuration. */
  all: readonly Route[];
  /** The models that deployments are configured for by name. */
  namedModels: readonly string[];
  /**
   * The deployments that take a model (undefined: the first one's own), in the order of the
   * configuration.
   */
  serving(model: string | undefined): { model: string; deployments: Deployment[] };
  /**
   * The line a job waits in whose model is served, and which these providers' rules allow, of all
   * there are.
   */
  routeOf(model: string, allowed: readonly Provider[]): Route;
  /**
   * The deployments of a route, in the order of the configuration; none where it is served no
   * longer.
   */
  deploymentsOf(route: Route): Deployment[];
  /** The pools that take from a route. */
  poolsOf(route: Route): string[];
  /** The routes a pool takes from. */
  routesOf(pool: string): Route[];
  /** The routes whose jobs compete with those of a route for a pool's starts, itself among them. */
  competingRoutes(route: Route): Route[];
}

export function buildRoutes(deployments: readonly Deployment[]): Routes {
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
    poolsOf: (route) => unique(routes.deploymentsOf(route).map(({ pool }) => pool)),
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
