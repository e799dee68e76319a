/** Which route a job waits in, and which deployments take jobs from it. */
import { deploymentDefaults, type Deployment } from '@kiln/shared/models/deployment';
import { buildRoutes } from '@kiln/shared/models/routes';
import { describe, expect, test } from 'vitest';

function deployment(name: string, changes: Partial<Deployment> = {}): Deployment {
  return {
    ...deploymentDefaults,
    name,
    pool: name,
    provider: 'azure',
    model: 'gpt-image-2',
    defaultModel: changes.model ?? 'gpt-image-2',
    baseUrl: '',
    apiKey: 'k',
    azure: null,
    stream: null,
    ...changes,
  };
}

const named = (deployments: readonly Deployment[]) => deployments.map(({ name }) => name);
const east = deployment('east');
const west = deployment('west');
const mini = deployment('mini', { pool: 'east', model: 'gpt-image-1-mini' });
const both = ['azure', 'openai'] as const;
const openai = deployment('openai', { provider: 'openai', model: null });

describe('one deployment', () => {
  test('for one model has one route and serves no other model', () => {
    const routes = buildRoutes([east]);
    expect(routes.all).toEqual(['gpt-image-2', 'gpt-image-2@azure']);
    expect(routes.routeOf('gpt-image-2', both)).toBe('gpt-image-2');
    expect(named(routes.serving('gpt-image-1-mini').deployments)).toEqual([]);
    expect(routes.serving(undefined).model).toBe('gpt-image-2');
  });

  test('for any model has one route for all models', () => {
    const routes = buildRoutes([openai]);
    expect(routes.all).toEqual(['*', '*@openai']);
    for (const model of ['gpt-image-2', 'gpt-image-9'])
      expect(routes.routeOf(model, both)).toBe('*');
  });

  test('the simulator has a route that no other deployment takes from', () => {
    const routes = buildRoutes([deployment('simulator', { provider: 'openai', model: null })]);
    expect(routes.routeOf('gpt-image-2', ['openai'])).toBe('simulator');
    expect(buildRoutes([openai, east]).deploymentsOf('simulator')).toEqual([]);
  });
});

test('a job never waits for a provider that would refuse it, configured or not', () => {
  const [before, after] = [buildRoutes([openai]), buildRoutes([openai, east])];
  const route = before.routeOf('gpt-image-2', ['openai']);
  expect(named(before.deploymentsOf(route))).toEqual(['openai']);
  expect(named(after.deploymentsOf(route))).toEqual(['openai']);
});

describe('several deployments', () => {
  test('two pools that serve the same model share its route', () => {
    const routes = buildRoutes([east, west, mini]);
    expect(routes.poolsOf('gpt-image-2')).toEqual(['east', 'west']);
    expect(routes.poolsOf('gpt-image-1-mini')).toEqual(['east']);
    const all = ['gpt-image-2', 'gpt-image-2@azure', 'gpt-image-1-mini', 'gpt-image-1-mini@azure'];
    expect(routes.routesOf('east')).toEqual(all);
    expect(routes.competingRoutes('gpt-image-1-mini').toSorted()).toEqual(all.toSorted());
    expect(routes.competingRoutes('gpt-image-2').toSorted()).toEqual(all.toSorted());
  });

  test('deployments of one pool and model keep the order of the configuration', () => {
    const spare = deployment('spare', { pool: 'east' });
    expect(named(buildRoutes([spare, east]).deploymentsOf('gpt-image-2'))).toEqual([
      'spare',
      'east',
    ]);
  });

  test('a job that only one of two providers would take waits for that one', () => {
    const routes = buildRoutes([east, openai]);
    expect(routes.routeOf('gpt-image-2', ['azure', 'openai'])).toBe('gpt-image-2');
    expect(named(routes.deploymentsOf('gpt-image-2'))).toEqual(['east', 'openai']);
    expect(routes.routeOf('gpt-image-2', ['openai'])).toBe('gpt-image-2@openai');
    expect(named(routes.deploymentsOf('gpt-image-2@openai'))).toEqual(['openai']);
    expect(named(routes.deploymentsOf('gpt-image-2@azure'))).toEqual(['east']);
    expect(routes.routeOf('gpt-image-9', both)).toBe('*');
    expect(named(routes.deploymentsOf('*'))).toEqual(['openai']);
  });

  test('every route of a job is served by a deployment', () => {
    const routes = buildRoutes([east, west, mini, openai]);
    for (const model of ['gpt-image-2', 'gpt-image-1-mini', 'gpt-image-9']) {
      for (const allowed of [['azure', 'openai'], ['openai']] as const) {
        const route = routes.routeOf(model, allowed);
        expect(routes.all).toContain(route);
        expect(routes.poolsOf(route).length).toBeGreaterThan(0);
      }
    }
  });
});
