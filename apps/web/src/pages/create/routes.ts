/** Addresses of this page. `?job=` shows one job above the others, so that a link leads to it. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const createRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/',
    validateSearch: ({ job }: Record<string, unknown>): { job?: string } =>
      typeof job === 'string' && /^job_[\w-]{1,80}$/.test(job) ? { job } : {},
    component: lazyRouteComponent(() => import('./CreatePage.tsx'), 'CreatePage'),
  }),
] as const;
