import { useStore } from '@nanostores/react';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
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
      <Outlet />
    </Frame>
  );
}
