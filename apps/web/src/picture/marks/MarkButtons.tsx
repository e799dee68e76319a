import { FolderPlus, Star } from 'lucide-react';
import { AlbumMenu } from '../../albums/AlbumMenu.tsx';
import { addToAlbum, removeFromAlbum } from '../../albums/use-albums.ts';
import { IconButton } from '../../components/controls/IconButton.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { showProblem } from '../../undo/toasts.ts';
import { mark, type ImageDetails } from './marks.ts';
import { Rating } from './Rating.tsx';
import { marksTexts } from './texts.ts';
import { useMarkKeys } from './use-mark-keys.ts';

/** Rating, star and albums of a picture. */
export function MarkButtons({ image }: { image: ImageDetails }) {
  const t = useTexts(marksTexts);
  const { id, rating, starred, albums } = image;
  useMarkKeys(starred, (marks) => void mark(id, marks));
  const attempt = (change: Promise<void>): void =>
    void change.catch((error: unknown) =>
      showProblem(error instanceof Error ? error.message : t.notMarked),
    );
  return (
    <span className="flex items-center gap-1">
      <Rating rating={rating} onRate={(next) => void mark(id, { rating: next })} />
      <IconButton
        icon={Star}
        label={starred ? t.unstar : t.star}
        keys="f"
        isPressed={starred}
        className={starred ? '[&>svg]:fill-current' : undefined}
        onClick={() => void mark(id, { starred: !starred })}
      />
      <AlbumMenu
        trigger={<IconButton icon={FolderPlus} label={t.albums} isPressed={albums.length > 0} />}
        full={new Set(albums)}
        onAdd={(album) => attempt(addToAlbum(album.id, [id]))}
        onRemove={(album) => attempt(removeFromAlbum(album.id, [id]))}
      />
    </span>
  );
}
