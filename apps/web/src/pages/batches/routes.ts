/** Addresses of this page. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const batchesRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/batches',
    component: lazyRouteComponent(() => import('./BatchesPage.tsx'), 'BatchesPage'),
  }),
] as const;
