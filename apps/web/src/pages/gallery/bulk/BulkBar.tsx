import { useStore } from '@nanostores/react';
import { useNavigate } from '@tanstack/react-router';
import {
  Archive,
  Columns2,
  Download,
  FileSpreadsheet,
  FolderPlus,
  RotateCcw,
  RotateCw,
  Sparkles,
  Star,
  StarOff,
  Trash2,
  X,
} from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { AlbumMenu } from '../../../albums/AlbumMenu.tsx';
import { download } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { Menu } from '../../../components/overlays/Menu.tsx';
import { useCommands } from '../../../keyboard/commands.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { clearSelection, countOf, selection } from '../selection/selection.ts';
import type { Images } from '../wall/use-images.ts';
import { AgainDialog } from './AgainDialog.tsx';
import { selectionIdOf, subjectOf, type Subject } from './bulk-actions.ts';
import { RatingMenu } from './RatingMenu.tsx';
import { bulkTexts } from './texts.ts';
import { useAlbumsOfChosen } from './use-albums-of-chosen.ts';
import { useBulk } from './use-bulk.ts';
import { mostCompared } from '../../../picture/compare/most-compared.ts';

const FinalsDialog = lazy(() => import('../../../finals/FinalsDialog.tsx'));

/** What can be done with the chosen pictures; at the bottom while some are chosen. */
export function BulkBar({ images, isTrash }: { images: Images; isTrash: boolean }) {
  const count = countOf(useStore(selection));
  if (count === 0) return null;
  return (
    <div
      className="pointer-events-none fixed inset-x-0 bottom-(--tab-bar) z-20 flex justify-center p-3
        desktop:bottom-0 desktop:pl-[calc(var(--navigation)+0.75rem)]"
    >
      {isTrash ? <TrashBar count={count} /> : <WallBar count={count} images={images} />}
    </div>
  );
}

const bar =
  'pointer-events-auto flex max-w-full animate-rise flex-wrap items-center justify-center gap-1 rounded-large border border-line bg-raised p-2 shadow-float';

function Chosen({ count }: { count: number }) {
  const t = useTexts(bulkTexts);
  const { number } = useFormat();
  useShortcuts([{ keys: 'Escape', label: t.clear, run: clearSelection, whileTyping: true }]);
  return (
    <span className="flex items-center gap-1 pr-2">
      <IconButton icon={X} size="small" label={t.clear} keys="Escape" onClick={clearSelection} />
      <span role="status" className="tabular font-semibold whitespace-nowrap">
        {t.chosen({ count: number(count) })}
      </span>
    </span>
  );
}

function TrashBar({ count }: { count: number }) {
  const t = useTexts(bulkTexts);
  const { restore } = useBulk();
  return (
    <section aria-label={t.withChosen} className={bar}>
      <Chosen count={count} />
      <Button icon={RotateCcw} onClick={restore}>
        {t.restore}
      </Button>
    </section>
  );
}

function WallBar({ count, images }: { count: number; images: Images }) {
  const t = useTexts(bulkTexts);
  const bulk = useBulk();
  const { number } = useFormat();
  const { full, partial } = useAlbumsOfChosen(images);
  const navigate = useNavigate();
  const { all, ids } = useStore(selection);
  const canCompare = all === null && ids.size >= 2 && ids.size <= mostCompared;
  const compare = (): void =>
    void navigate({ to: '/gallery/compare', search: { ids: [...ids].join(',') } });
  const [asked, setAsked] = useState<'again' | Subject | null>(null);
  const close = (): void => setAsked(null);
  const askFinals = (): void => void subjectOf(selection.get()).then(setAsked, showError);

  useShortcuts([
    ...[1, 2, 3, 4, 5].map((rating) => ({
      keys: String(rating),
      label: t.rate({ rating: number(rating) }),
      run: () => bulk.rate(rating),
    })),
    { keys: '0', label: t.unrate, run: () => bulk.rate(null) },
    { keys: 'f', label: t.star, run: () => bulk.star(true) },
    { keys: 'Delete', label: t.trash, run: bulk.trash },
    ...(canCompare ? [{ keys: 'c', label: t.compare, run: compare }] : []),
  ]);
  useCommands([
    ...(canCompare
      ? [{ id: 'gallery-compare', label: t.compare, icon: Columns2, keys: 'c', run: compare }]
      : []),
    { id: 'gallery-finals', label: t.finals, icon: Sparkles, run: askFinals },
    { id: 'gallery-star', label: t.star, icon: Star, keys: 'f', run: () => bulk.star(true) },
    { id: 'gallery-zip', label: t.archive, icon: Archive, run: () => save('archive.zip') },
    { id: 'gallery-trash', label: t.trash, icon: Trash2, keys: 'Delete', run: bulk.trash },
  ]);

  return (
    <>
      <section aria-label={t.withChosen} className={bar}>
        <Chosen count={count} />
        <RatingMenu onRate={bulk.rate} />
        <IconButton icon={Star} label={t.star} keys="f" onClick={() => bulk.star(true)} />
        <IconButton icon={StarOff} label={t.unstar} onClick={() => bulk.star(false)} />
        <AlbumMenu
          trigger={<IconButton icon={FolderPlus} label={t.albums} />}
          full={full}
          partial={partial}
          onAdd={({ id }) => bulk.addTo(id)}
          onRemove={({ id }) => bulk.removeFrom(id)}
        />
        <Menu
          trigger={<IconButton icon={Download} label={t.download} />}
          items={[
            { label: t.archive, icon: Archive, onSelect: () => save('archive.zip') },
            {
              label: t.manifest,
              icon: FileSpreadsheet,
              onSelect: () => save('manifest.csv?bom=1'),
            },
          ]}
        />
        <IconButton
          icon={Columns2}
          label={t.compare}
          keys="c"
          unavailable={canCompare ? undefined : t.compareFew}
          onClick={compare}
        />
        <IconButton icon={RotateCw} label={t.again} onClick={() => setAsked('again')} />
        <IconButton icon={Trash2} label={t.trash} keys="Delete" onClick={bulk.trash} />
        <Button variant="primary" icon={Sparkles} className="ml-1" onClick={askFinals}>
          {t.finals}
        </Button>
      </section>
      {asked === 'again' && <AgainDialog count={count} onClose={close} />}
      {asked !== null && asked !== 'again' && (
        <Suspense>
          <FinalsDialog of={{ select: asked }} onClose={close} />
        </Suspense>
      )}
    </>
  );
}

/** A download needs an address, so it is of a selection. */
function save(file: string): void {
  selectionIdOf(selection.get()).then((id) => download(`v1/selections/${id}/${file}`), showError);
}

function showError({ message }: Error): void {
  showProblem(message);
}
