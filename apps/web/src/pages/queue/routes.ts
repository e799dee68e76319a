/** Addresses of this page. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';

export const queueRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/queue',
    component: lazyRouteComponent(() => import('./QueuePage.tsx'), 'QueuePage'),
  }),
] as const;
