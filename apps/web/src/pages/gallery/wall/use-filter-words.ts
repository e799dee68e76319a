/** What the filters in the address mean, in words. */
import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { useAlbums } from '../../../albums/use-albums.ts';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { filterNames, type FilterName, type GallerySearch } from '../../../wall/gallery-search.ts';
import { wallTexts } from './texts.ts';

export interface FilterWords {
  name: FilterName;
  words: string;
}

export function useFilterWords(search: GallerySearch): FilterWords[] {
  const t = useTexts(wallTexts);
  const { q, rating, album, batch, job, model, kind, size, from, to, custom, meta } = search;
  const { data: albums } = useAlbums();
  const batchName = useBatchName(batch);
  const words: Readonly<Record<FilterName, string | undefined>> = {
    q: `“${q}”`,
    rating:
      rating === 'none'
        ? t.unrated
        : rating?.endsWith('+') === true
          ? t.ratedAtLeast({ rating: rating.slice(0, 1) })
          : t.ratedExactly({ rating: rating ?? '' }),
    star: t.onlyStarred,
    album:
      album === 'none'
        ? t.noAlbum
        : t.inAlbum({ album: albums?.find(({ id }) => id === album)?.name ?? album ?? '' }),
    batch: t.ofBatch({ batch: batchName ?? batch ?? '' }),
    job: t.ofJob({ job: job ?? '' }),
    model,
    kind: kind === undefined ? undefined : t[kind],
    size: size?.replace('x', ' × '),
    from: t.since({ day: from ?? '' }),
    to: t.until({ day: to ?? '' }),
    custom: t.numbered({ custom: custom ?? '' }),
    meta,
  };
  return filterNames
    .filter((name) => search[name] !== undefined)
    .map((name) => ({ name, words: words[name] ?? name }));
}

function useBatchName(id: string | undefined): string | null | undefined {
  const { data } = useQuery({
    queryKey: [...keys.batch(id ?? ''), 'batch'],
    queryFn: () => answer(client.GET('/v1/batches/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== undefined,
    retry: false,
  });
  return data?.name;
}
