/** Addresses of this page. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const activityRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/activity',
    component: lazyRouteComponent(() => import('./ActivityPage.tsx'), 'ActivityPage'),
  }),
] as const;
