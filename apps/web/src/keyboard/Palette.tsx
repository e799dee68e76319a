import { Dialog as Base } from '@base-ui/react/dialog';
import { useStore } from '@nanostores/react';
import { CornerDownLeft, Search } from 'lucide-react';
import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { announce } from '../app/announcer.tsx';
import { frameTexts } from '../app/texts.ts';
import { cx } from '../components/cx.ts';
import { KeyCaps } from '../components/display/KeyCaps.tsx';
import { useTexts } from '../texts/i18n.ts';
import { commands, type Command } from './commands.ts';

/** ⌘K: everything that can be done here, found by typing. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useTexts(frameTexts);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const found = search([...useStore(commands).values()].toReversed().flat(), query);
  const current = found[Math.min(chosen, found.length - 1)];

  const currentId = current === undefined ? undefined : `${listId}-${current.id}`;

  useEffect(() => {
    if (currentId !== undefined)
      document.getElementById(currentId)?.scrollIntoView({ block: 'nearest' });
  }, [currentId]);

  function run(command: Command | undefined): void {
    if (command === undefined) return;
    onClose();
    command.run();
  }
  function onKeyDown(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(current);
    }
  }

  return (
    <Base.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 animate-fade bg-scrim" />
        <Base.Popup
          aria-label={t.palette}
          className="fixed inset-x-3 top-[12vh] z-30 mx-auto flex max-h-[60vh] max-w-[36rem]
            animate-pop flex-col overflow-hidden rounded-large border border-line bg-raised
            shadow-float"
        >
          <label className="flex items-center gap-3 border-b border-line px-4">
            <Search aria-hidden className="size-[1.125rem] text-muted" />
            <input
              role="combobox"
              aria-label={t.palette}
              aria-expanded
              aria-controls={listId}
              aria-activedescendant={currentId}
              placeholder={t.paletteHint}
              value={query}
              onChange={({ target }) => {
                setQuery(target.value);
                setChosen(0);
                const { length } = search([...commands.get().values()].flat(), target.value);
                announce(length === 0 ? t.nothingFound : t.results({ count: length }));
              }}
              onKeyDown={onKeyDown}
              className="h-[3.25rem] grow bg-transparent text-lead outline-none
                placeholder:text-muted"
            />
          </label>
          <div id={listId} role="listbox" aria-label={t.palette} className="overflow-y-auto p-2">
            {found.map((command) => {
              const { id, label, icon: Icon, keys } = command;
              const isCurrent = command === current;
              return (
                <div
                  key={id}
                  id={`${listId}-${id}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={isCurrent}
                  onPointerMove={() => setChosen(found.indexOf(command))}
                  onPointerUp={() => run(command)}
                  className={cx(
                    'flex min-h-(--control) cursor-default items-center gap-3 rounded-medium px-3',
                    isCurrent && 'bg-sunken',
                  )}
                >
                  {Icon === undefined ? (
                    <CornerDownLeft aria-hidden className="size-[1.125rem] text-muted" />
                  ) : (
                    <Icon aria-hidden className="size-[1.125rem] text-muted" />
                  )}
                  <span className="grow">{label}</span>
                  {keys !== undefined && <KeyCaps keys={keys} />}
                </div>
              );
            })}
          </div>
          {found.length === 0 && <p className="px-4 pb-4 text-muted">{t.nothingFound}</p>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Commands that have every word of the query, in any order. */
function search(all: readonly Command[], query: string): Command[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ label, words: more = '' }) => {
    const text = `${label} ${more}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
