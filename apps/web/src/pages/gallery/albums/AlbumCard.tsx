import { Link } from '@tanstack/react-router';
import { Archive, Ellipsis, Image, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { deleteAlbum, type Album } from '../../../albums/use-albums.ts';
import { address, download } from '../../../api/client.ts';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { cx } from '../../../components/cx.ts';
import { Thumbnail } from '../../../components/display/Thumbnail.tsx';
import { Menu } from '../../../components/overlays/Menu.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { galleryTexts } from '../texts.ts';
import { CoverDialog } from './CoverDialog.tsx';
import { RenameDialog } from './RenameDialog.tsx';

/** An album: its cover leads to its pictures. */
export function AlbumCard({ album }: { album: Album }) {
  const t = useTexts(galleryTexts);
  const { number } = useFormat();
  const { id, name, cover_image: cover, count } = album;
  const [dialog, setDialog] = useState<'rename' | 'cover' | null>(null);
  const isLeaving = useIsLeaving(id);
  const pictures = t.count({ shown: number(count) })(count);
  const close = (): void => setDialog(null);
  const isEmpty = count === 0 ? t.archiveEmpty : undefined;
  return (
    <li data-item className={cx('flex min-w-0 flex-col gap-2', isLeaving && 'opacity-40')}>
      <Link
        to="/gallery"
        search={{ album: id }}
        aria-label={`${name}, ${pictures}`}
        className="block aspect-square overflow-hidden rounded-large bg-sunken hover:opacity-90"
      >
        {cover === null ? (
          <span className="grid size-full place-items-center text-muted">
            <Image aria-hidden className="size-[1.75rem]" strokeWidth={1.5} />
          </span>
        ) : (
          <Thumbnail src={address(cover.thumbnail_url ?? cover.url)} thumbhash={cover.thumbhash} />
        )}
      </Link>
      <div className="flex items-start gap-2">
        <div className="flex min-w-0 grow flex-col">
          <h2 className="truncate font-semibold">{name}</h2>
          <span className="tabular text-small text-muted">{pictures}</span>
        </div>
        <Menu
          trigger={<IconButton icon={Ellipsis} size="small" label={t.albumMenu({ name })} />}
          items={[
            { label: t.rename, icon: Pencil, onSelect: () => setDialog('rename') },
            {
              label: t.cover,
              icon: Image,
              unavailable: isEmpty,
              onSelect: () => setDialog('cover'),
            },
            {
              label: t.archive,
              icon: Archive,
              unavailable: isEmpty,
              onSelect: () => download(`v1/albums/${id}/archive.zip`),
            },
            {
              label: t.deleteAlbum,
              icon: Trash2,
              isDangerous: true,
              startsGroup: true,
              onSelect: () =>
                doLater({
                  key: id,
                  text: t.albumDeleted({ name }),
                  act: () => deleteAlbum(id),
                }),
            },
          ]}
        />
      </div>
      {dialog === 'rename' && <RenameDialog album={album} onClose={close} />}
      {dialog === 'cover' && <CoverDialog album={album} onClose={close} />}
    </li>
  );
}
