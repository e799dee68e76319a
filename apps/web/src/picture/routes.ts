/**
 * Addresses of the viewer. What stands behind `?` is that of the wall that it was opened from, and
 * is kept, so that the way back leads to the same wall.
 */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../app/root-route.ts';

export const pictureRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/gallery/$jobId/$index',
    component: lazyRouteComponent(() => import('./PicturePage.tsx'), 'PicturePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/gallery/compare',
    validateSearch: ({ ids }): { ids?: string } => (typeof ids === 'string' ? { ids } : {}),
    component: lazyRouteComponent(() => import('./compare/ComparePage.tsx'), 'ComparePage'),
  }),
] as const;
