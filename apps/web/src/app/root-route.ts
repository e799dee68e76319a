/** The root of all addresses. Pages hang their routes below it (pages/…/routes.ts). */
import { createRootRoute } from '@tanstack/react-router';
import { NotFound } from './NotFound.tsx';
import { PageError } from './PageError.tsx';
import { Root } from './Root.tsx';

export const rootRoute = createRootRoute({
  component: Root,
  errorComponent: PageError,
  notFoundComponent: NotFound,
});
