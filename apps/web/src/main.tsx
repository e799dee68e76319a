/** Starts the studio: the live connection, the keys, the page. */
import './main.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { refreshSession, session } from './api/session.ts';
import { Announcer } from './app/announcer.tsx';
import { router } from './app/router.ts';
import { listenToKeys } from './keyboard/shortcuts.ts';
import { noteEndedBatches } from './live/batch-notes.ts';
import { keepFresh } from './live/freshness.ts';
import { startLive } from './live/hub.ts';
import './theme/theme.ts';
import { Toasts } from './undo/Toasts.tsx';

let stopLive: (() => void) | null = null;

session.subscribe((state, before) => {
  if (state === 'signed-out') {
    stopLive?.();
    stopLive = null;
    queryClient.clear(); // what the last visitor saw is not the next one's
  } else if (state !== 'unknown' || before === undefined) {
    stopLive ??= startLive();
  }
});
keepFresh(queryClient);
noteEndedBatches((id) => void router.navigate({ to: '/batches/$id', params: { id } }));
listenToKeys();
void refreshSession();

const root = document.getElementById('studio');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      {/* The content security policy of the page forbids style elements. */}
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
          <Announcer />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
