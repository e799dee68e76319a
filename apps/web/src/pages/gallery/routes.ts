/** Addresses of this page. What it shows is in the address, so that a link shows the same. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../app/root-route.ts';
import type { GallerySearch } from '../../wall/gallery-search.ts';

export const galleryRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/gallery',
    // It is read where it is used (`readSearch`), so that reading it is loaded with the page.
    validateSearch: (search): GallerySearch => search,
    component: lazyRouteComponent(() => import('./GalleryPage.tsx'), 'GalleryPage'),
  }),
] as const;
