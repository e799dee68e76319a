import { Dialog } from '@base-ui/react/dialog';
import { useStore } from '@nanostores/react';
import { CircleAlert } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { Button } from '../components/controls/Button.tsx';
import { useTexts } from '../texts/i18n.ts';
import type { MaskDocument } from './mask-document.ts';
import { Stage } from './Stage.tsx';
import { maskTexts } from './texts.ts';
import { steppedSize, type Tool } from './tools.ts';
import { Toolbar } from './Toolbar.tsx';
import { zoomedAt, type View } from './view.ts';

export interface MaskEditorProps {
  isOpen: boolean;
  /** Address of the picture that the mask belongs to. */
  picture: string;
  document: MaskDocument;
  /** `use`: take the mask; `remove`: send the picture without one; `close`: leave all as it was. */
  onEnd: (how: 'use' | 'remove' | 'close') => void;
}

const toolKeys: Readonly<Record<string, Tool>> = {
  b: 'brush',
  e: 'eraser',
  r: 'rectangle',
  l: 'lasso',
};

/** Paints the mask of a picture, on all of the screen. The document keeps what was painted. */
export function MaskEditor({ isOpen, picture, document: mask, onEnd }: MaskEditorProps) {
  const t = useTexts(maskTexts);
  const { covers } = useStore(mask.state);
  const [tool, setTool] = useState<Tool>('brush');
  const [size, setSize] = useState(() =>
    Math.max(8, Math.round(Math.min(mask.size.width, mask.size.height) / 12)),
  );
  const [view, setView] = useState<View | null>(null);
  const [isSpaceHeld, setIsSpaceHeld] = useState(false);

  function zoom(factor: number): void {
    const { innerWidth: width, innerHeight: height } = window;
    if (view === null) return;
    const bounds = { picture: mask.size, stage: { width, height } };
    setView(zoomedAt(view, { x: width / 2, y: height / 2 }, factor, bounds));
  }

  function press(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement && event.target.type !== 'range') return;
    const key = event.key.toLowerCase();
    const isModified = event.metaKey || event.ctrlKey;
    const chosen = toolKeys[key];
    if (isModified && (key === 'y' || (key === 'z' && event.shiftKey))) mask.redo();
    else if (isModified && key === 'z') mask.undo();
    else if (isModified || event.altKey) return;
    else if (key === '[' || key === ']') setSize(steppedSize(size, key === ']' ? 1 : -1));
    else if (key === '+' || key === '=') zoom(1.25);
    else if (key === '-') zoom(0.8);
    else if (key === '0') setView(null);
    else if (key === 'i') mask.add({ kind: 'invert' });
    else if (chosen !== undefined) setTool(chosen);
    else if (key === ' ' && !(event.target instanceof HTMLButtonElement)) setIsSpaceHeld(true);
    else return;
    event.preventDefault();
    // The keys of the page below must not act as well.
    event.stopPropagation();
  }

  const notice =
    covers === 'nothing' ? t.coversNothing : covers === 'everything' ? t.coversEverything : null;
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onEnd('close'))}>
      <Dialog.Portal>
        <Dialog.Popup
          onKeyDown={press}
          onKeyUp={(event) => {
            if (event.key === ' ') setIsSpaceHeld(false);
          }}
          className="fixed inset-0 z-30 flex animate-fade flex-col gap-3 bg-surface p-3 outline-none tablet:p-4"
        >
          <header className="flex flex-wrap items-start justify-between gap-3">
            <div className="flex max-w-text flex-col gap-1">
              <Dialog.Title className="text-lead font-semibold">{t.title}</Dialog.Title>
              <Dialog.Description className="text-small text-muted">{t.lead}</Dialog.Description>
            </div>
            <div className="flex flex-wrap gap-2">
              <Button variant="plain" onClick={() => onEnd('remove')}>
                {t.remove}
              </Button>
              <Button
                variant="primary"
                unavailable={notice ?? undefined}
                onClick={() => onEnd('use')}
              >
                {t.done}
              </Button>
            </div>
          </header>
          <Toolbar
            document={mask}
            tool={tool}
            onTool={setTool}
            size={size}
            onSize={setSize}
            onZoom={zoom}
            onFit={() => setView(null)}
          />
          <Stage
            picture={picture}
            document={mask}
            tool={tool}
            size={size}
            onSize={setSize}
            view={view}
            onView={setView}
            isSpaceHeld={isSpaceHeld}
          />
          <p role="status" className="flex items-center gap-2 text-small text-muted">
            {notice !== null && <CircleAlert aria-hidden className="size-[1rem] shrink-0" />}
            {notice ?? t.help}
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
