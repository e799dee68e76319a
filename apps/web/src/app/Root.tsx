import { useStore } from '@nanostores/react';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue } from 'react';
import { session } from '../api/session.ts';
import { Frame } from './Frame.tsx';

const SignInPage = lazy(() => import('../pages/sign-in/SignInPage.tsx'));

/**
 * The frame around every page. A visitor who is signed out sees the sign-in page at the same
 * address, and the page they wanted after it.
 */
export function Root() {
  const state = useStore(session);
  if (state === 'signed-out') {
    return (
      <Suspense>
        <SignInPage />
      </Suspense>
    );
  }
  return (
    <Frame>
      <FirstPage />
    </Frame>
  );
}

/**
 * The page comes one step after the frame, and in slices of a few milliseconds: rendered together
 * with it, it would keep a slow computer from hearing anything for a tenth of a second and more.
 */
function FirstPage() {
  const isTurn = useDeferredValue(true, false);
  return isTurn ? <Outlet /> : null;
}
