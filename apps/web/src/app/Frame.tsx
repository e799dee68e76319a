import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useCommands } from '../keyboard/commands.ts';
import { useShortcuts } from '../keyboard/shortcuts.ts';
import { useTexts } from '../texts/i18n.ts';
import { ConnectionLine } from './ConnectionLine.tsx';
import { useFocusOnNavigation } from './focus.ts';
import { Navigation } from './Navigation.tsx';
import { frameTexts } from './texts.ts';
import { useFrameActions } from './use-frame-actions.ts';

const Palette = lazy(() => import('../keyboard/Palette.tsx'));
const KeyList = lazy(() => import('../keyboard/KeyList.tsx'));

/** Navigation at the side or, on a narrow screen, at the bottom; the page beside it. */
export function Frame({ children }: { children: ReactNode }) {
  const t = useTexts(frameTexts);
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  const { commands, goKeys } = useFrameActions();
  useFocusOnNavigation();
  useCommands([
    ...commands,
    { id: 'keys', label: t.keyList, keys: '?', run: () => setOpen('keys') },
  ]);
  useShortcuts([
    ...goKeys,
    { keys: 'mod+k', label: t.palette, run: () => setOpen('palette') },
    { keys: '?', label: t.keyList, run: () => setOpen('keys') },
  ]);
  const close = (): void => setOpen(null);

  return (
    <div className="min-h-dvh desktop:pl-(--navigation)">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault(); // the base address of the page would be loaded
          document.getElementById('content')?.focus();
        }}
        className="fixed top-2 left-2 z-50 -translate-y-8 rounded-medium bg-ink px-4 py-2
          text-ground focus:translate-y-0"
      >
        {t.skip}
      </a>
      <Navigation onPalette={() => setOpen('palette')} onKeys={() => setOpen('keys')} />
      <ConnectionLine className="bg-warn-soft py-2 desktop:hidden" />
      <main id="content" tabIndex={-1} className="pb-(--tab-bar) desktop:pb-0">
        {children}
      </main>
      <Suspense>
        {open === 'palette' && <Palette onClose={close} />}
        {open === 'keys' && <KeyList onClose={close} />}
      </Suspense>
    </div>
  );
}
