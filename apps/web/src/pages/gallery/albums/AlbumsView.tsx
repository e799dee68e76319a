import { FolderOpen } from 'lucide-react';
import { NewAlbum } from '../../../albums/AlbumMenu.tsx';
import { useAlbums } from '../../../albums/use-albums.ts';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { galleryTexts } from '../texts.ts';
import { AlbumCard } from './AlbumCard.tsx';

/** Albums with their covers; each opens as a filter of the wall. */
export function AlbumsView() {
  const t = useTexts(galleryTexts);
  const albums = useAlbums();
  useListKeys();
  return (
    <div className="flex flex-col gap-5">
      {albums.error !== null && (
        <Notice tone="bad" title={t.unreachable}>
          {albums.error.message}
        </Notice>
      )}
      {albums.data?.length === 0 && (
        <EmptyState
          icon={FolderOpen}
          title={t.noAlbums}
          action={<NewAlbum onMade={() => undefined} />}
        >
          {t.noAlbumsHint}
        </EmptyState>
      )}
      {albums.isPending && <Skeleton className="h-[12rem] rounded-large" />}
      {albums.data !== undefined && albums.data.length > 0 && (
        <>
          <div className="max-w-[24rem]">
            <NewAlbum onMade={() => undefined} />
          </div>
          <ul
            className="grid grid-cols-2 gap-4
              tablet:grid-cols-[repeat(auto-fill,minmax(13rem,1fr))]"
          >
            {albums.data.map((album) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
