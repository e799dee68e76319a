import { Check, Minus } from 'lucide-react';
import { useState, type ReactElement } from 'react';
import { Button } from '../components/controls/Button.tsx';
import { TextInput } from '../components/controls/TextInput.tsx';
import { Popover } from '../components/overlays/Popover.tsx';
import { useFormat } from '../texts/format.ts';
import { useTexts } from '../texts/i18n.ts';
import { showProblem } from '../undo/toasts.ts';
import { albumTexts } from './texts.ts';
import { createAlbum, useAlbums, type Album } from './use-albums.ts';

export interface AlbumMenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  /** Albums that all of the pictures are in. */
  full: ReadonlySet<string>;
  /** Albums that some of them are in. */
  partial?: ReadonlySet<string>;
  onAdd: (album: Album) => void;
  onRemove: (album: Album) => void;
}

/** Which albums pictures are in, to be changed, and a new album for them. */
export function AlbumMenu(props: AlbumMenuProps) {
  const { trigger, full, partial, onAdd, onRemove } = props;
  const t = useTexts(albumTexts);
  const { number } = useFormat();
  const [isOpen, setIsOpen] = useState(false);
  const { data: albums = [] } = useAlbums();
  return (
    <Popover trigger={trigger} side="top" isOpen={isOpen} onOpenChange={setIsOpen}>
      <p className="font-semibold">{t.albums}</p>
      {albums.length > 0 && (
        <ul className="-mx-2 flex max-h-[16rem] flex-col overflow-y-auto">
          {albums.map((album) => {
            const isIn = full.has(album.id);
            const isPartly = !isIn && partial?.has(album.id) === true;
            return (
              <li key={album.id}>
                <button
                  type="button"
                  role="checkbox"
                  aria-checked={isIn ? true : isPartly ? 'mixed' : false}
                  onClick={() => (isIn ? onRemove(album) : onAdd(album))}
                  className="flex w-full items-center gap-3 rounded-small px-2 py-2 text-left
                    hover:bg-sunken"
                >
                  <span
                    className="grid size-[1.125rem] shrink-0 place-items-center rounded-[0.25rem]
                      border border-edge bg-raised text-ember"
                  >
                    {isIn && <Check aria-hidden strokeWidth={3} className="size-[0.875rem]" />}
                    {isPartly && <Minus aria-hidden strokeWidth={3} className="size-[0.875rem]" />}
                  </span>
                  <span className="min-w-0 grow truncate">{album.name}</span>
                  <span className="tabular text-small text-muted">{number(album.count)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <NewAlbum
        onMade={(album) => {
          onAdd(album);
          setIsOpen(false);
        }}
      />
    </Popover>
  );
}

export function NewAlbum({ onMade }: { onMade: (album: Album) => void }) {
  const t = useTexts(albumTexts);
  const [name, setName] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const wanted = name.trim();
  async function make(): Promise<void> {
    setIsBusy(true);
    try {
      onMade(await createAlbum(wanted));
      setName('');
    } catch (error) {
      showProblem(error instanceof Error ? error.message : t.newAlbum);
    }
    setIsBusy(false);
  }
  return (
    <form
      className="flex gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '' && !isBusy) void make();
      }}
    >
      <TextInput
        aria-label={t.newAlbum}
        placeholder={t.newAlbum}
        maxLength={200}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" isBusy={isBusy} unavailable={wanted === '' ? t.nameFirst : undefined}>
        {t.make}
      </Button>
    </form>
  );
}
