import { useQuery } from '@tanstack/react-query';
import { changeAlbum, type Album } from '../../../albums/use-albums.ts';
import { address } from '../../../api/client.ts';
import { readImages } from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { cx } from '../../../components/cx.ts';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { Thumbnail } from '../../../components/display/Thumbnail.tsx';
import { Dialog } from '../../../components/overlays/Dialog.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { galleryTexts } from '../texts.ts';

const shownPictures = 60;

/** Chooses the picture that stands for an album. */
export function CoverDialog({ album, onClose }: { album: Album; onClose: () => void }) {
  const t = useTexts(galleryTexts);
  const { data: pictures } = useQuery({
    queryKey: [...keys.images, 'album', album.id],
    queryFn: ({ signal }) => readImages({ album_id: album.id }, { limit: shownPictures }, signal),
  });
  function choose(cover: string): void {
    changeAlbum(album.id, { cover }).then(onClose, ({ message }: Error) => showProblem(message));
  }
  return (
    <Dialog isOpen onClose={onClose} title={t.cover} description={t.coverHint} size="medium">
      {pictures === undefined && <Skeleton className="h-[12rem] rounded-medium" />}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-2 p-1">
        {pictures?.data.map((image) => (
          <li key={image.id} className="aspect-square">
            <button
              type="button"
              aria-label={image.prompt}
              aria-pressed={image.id === album.cover}
              onClick={() => choose(image.id)}
              className={cx(
                'block size-full overflow-hidden rounded-medium hover:opacity-90',
                image.id === album.cover && 'outline-2 outline-offset-2 outline-ember',
              )}
            >
              <Thumbnail
                src={address(image.thumbnail_url ?? image.url)}
                thumbhash={image.thumbhash}
              />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
