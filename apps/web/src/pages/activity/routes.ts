/** Addresses of this page. What is searched for is in the address, so that a link shows the same. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { readSearch } from './search.ts';

export const activityRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/activity',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./ActivityPage.tsx'), 'ActivityPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/activity/jobs/$jobId',
    component: lazyRouteComponent(() => import('./job/JobPage.tsx'), 'JobPage'),
  }),
] as const;
