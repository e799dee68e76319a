/** All addresses of the studio. A page is loaded when it is first needed. */
import { createRouter } from '@tanstack/react-router';
import { activityRoutes } from '../pages/activity/routes.ts';
import { batchesRoutes } from '../pages/batches/routes.ts';
import { createRoutes } from '../pages/create/routes.ts';
import { galleryRoutes } from '../pages/gallery/routes.ts';
import { queueRoutes } from '../pages/queue/routes.ts';
import { pictureRoutes } from '../picture/routes.ts';
import { basePath } from './base-path.ts';
import { NotFound } from './NotFound.tsx';
import { PageError } from './PageError.tsx';
import { rootRoute } from './root-route.ts';

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...createRoutes,
    ...batchesRoutes,
    ...galleryRoutes,
    ...queueRoutes,
    ...activityRoutes,
    ...pictureRoutes,
  ]),
  basepath: basePath === '' ? '/' : basePath,
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
