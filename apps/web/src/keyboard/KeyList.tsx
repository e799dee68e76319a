import { useStore } from '@nanostores/react';
import { frameTexts } from '../app/texts.ts';
import { KeyCaps } from '../components/display/KeyCaps.tsx';
import { Dialog } from '../components/overlays/Dialog.tsx';
import { useTexts } from '../texts/i18n.ts';
import { shortcuts } from './shortcuts.ts';

/** All keys that work at the moment, those of the page first. */
export default function KeyList({ onClose }: { onClose: () => void }) {
  const t = useTexts(frameTexts);
  const groups = [...useStore(shortcuts).values()].toReversed();
  const byKeys = new Map(groups.flat().map(({ keys, label }) => [keys, label]));
  return (
    <Dialog isOpen onClose={onClose} title={t.keyList} description={t.keyListHint}>
      <dl className="flex flex-col">
        {[...byKeys].map(([keys, label]) => (
          <div key={keys} className="flex items-center justify-between gap-4 py-2">
            <dt>{label}</dt>
            <dd>
              <KeyCaps keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
