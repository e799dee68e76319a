/** Addresses of these pages. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import { readListSearch } from './list/list-search.ts';
import { readRowSearch } from './row-search.ts';

export const batchesRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/batches',
    validateSearch: readListSearch,
    component: lazyRouteComponent(() => import('./list/BatchesPage.tsx'), 'BatchesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/batches/new',
    component: lazyRouteComponent(() => import('./new/NewBatchPage.tsx'), 'NewBatchPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/batches/$id',
    validateSearch: readRowSearch,
    component: lazyRouteComponent(() => import('./one/BatchPage.tsx'), 'BatchPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/batches/$id/pick',
    component: lazyRouteComponent(() => import('./pick/PickPage.tsx'), 'PickPage'),
  }),
] as const;
