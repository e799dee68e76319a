/**
 * Every component in every state, for those who work on the studio: `npx vite`, then `/kit.html`.
 */
import '../main.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Announcer } from '../app/announcer.tsx';
import { Page } from '../components/display/Page.tsx';
import { listenToKeys } from '../keyboard/shortcuts.ts';
import { Toasts } from '../undo/Toasts.tsx';
import { Controls } from './Controls.tsx';
import { Displays } from './Displays.tsx';
import { Overlays } from './Overlays.tsx';

listenToKeys();
const root = document.getElementById('studio');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <main>
          <Page title="Components" lead="Every component of the studio, in every state.">
            <Controls />
            <Displays />
            <Overlays />
          </Page>
        </main>
        <Toasts />
        <Announcer />
      </CSPProvider>
    </StrictMode>,
  );
}
