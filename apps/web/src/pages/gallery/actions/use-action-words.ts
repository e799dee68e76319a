/** What a bulk action does, in a few words: `Rate 20,000 pictures 4`. */
import { useAlbums } from '../../../albums/use-albums.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BulkAction } from '../bulk/bulk-actions.ts';
import { actionTexts } from './texts.ts';

export function useActionWords(): (action: BulkAction) => string {
  const t = useTexts(actionTexts);
  const { number } = useFormat();
  const { data: albums } = useAlbums();
  return ({ action, params: { rating, starred, album_id: albumId }, total }) => {
    const shown = number(total);
    const album = albums?.find(({ id }) => id === albumId)?.name ?? albumId ?? '';
    switch (action) {
      case 'rate':
        return rating === null || rating === undefined
          ? t.unrate({ shown })(total)
          : t.rate({ shown, rating: number(rating) })(total);
      case 'star':
        return starred === true ? t.star({ shown })(total) : t.unstar({ shown })(total);
      case 'add_to_album':
        return t.add({ shown, album })(total);
      case 'remove_from_album':
        return t.removed({ shown, album })(total);
      case 'trash':
        return t.trash({ shown })(total);
      case 'restore':
        return t.restore({ shown })(total);
      case 'again':
        return t.again({ shown })(total);
    }
  };
}
