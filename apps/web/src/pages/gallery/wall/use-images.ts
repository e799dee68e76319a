/**
 * The pictures of a wall by their place. The first picture that the visitor saw is the wall's
 * beginning (`newest`): places count from it, so that pictures which come later shift nothing, and
 * a jump to any place is one request. Only the pages in sight are asked for; a page that has left
 * it before it came is given up.
 */
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import {
  countImages,
  nameOfWall,
  readImages,
  type GalleryImage,
  type ImageFilter,
  type ImagePage,
} from '../../../api/images.ts';
import { keys } from '../../../api/keys.ts';
import { pageRows, useSight, type Pages } from '../../../wall/use-sight.ts';
import type { Places } from '../../../wall/use-window-lines.ts';

export interface Images extends Places {
  /** Undefined while it is being read. */
  imageAt: (place: number) => GalleryImage | undefined;
  /** The same for places out of sight: they are fetched. */
  imagesBetween: (first: number, last: number) => Promise<GalleryImage[]>;
  /** All that are there. */
  loaded: () => GalleryImage[];
  /** Pictures that came since, 100 for more. */
  newCount: number;
  showNew: () => void;
  isPending: boolean;
  /** `count` is known, and not only that there are more. */
  isCounted: boolean;
  /** All were searched. */
  isComplete: boolean;
  error: Error | null;
}

/** The beginnings of walls, by their filter; they outlive the page, as the pictures do. */
const beginnings = new Map<string, string>();

export function useImages(filter: ImageFilter): Images {
  const queries = useQueryClient();
  const name = nameOfWall(filter);
  const { pages, look } = useSight();
  const wall = [...keys.images, 'wall', name];

  const top = useQuery({
    queryKey: [...wall, 'top'],
    queryFn: async ({ signal }) => {
      const page = await readImages(
        filter,
        { limit: pageRows, newest: beginnings.get(name) },
        signal,
      );
      const first = page.data[0];
      if (first !== undefined && !beginnings.has(name)) beginnings.set(name, first.id);
      return { ...page, newest: beginnings.get(name) };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const newest = top.data?.newest;
  const isLong = top.data?.has_more === true;
  const counted = useQuery({
    queryKey: [...wall, 'count', newest],
    queryFn: ({ signal }) => countImages(filter, newest, signal),
    enabled: isLong,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shown = top.data?.data.length ?? 0;
  const count = isLong ? Math.max(counted.data ?? 0, shown) : shown;

  const pageQuery = (page: number) => ({
    queryKey: [...wall, 'page', newest, page],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      readImages(filter, { limit: pageRows, newest, offset: page * pageRows }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const numbers = numbersOf(pages, count);
  const loaded = useQueries({
    queries: numbers.map(pageQuery),
    combine: (results) =>
      new Map(results.map(({ data }, index) => [numbers[index], data] as const)),
  });
  const pageAt = (page: number): ImagePage | undefined =>
    page === 0 ? top.data : loaded.get(page);

  const news = useQuery({
    queryKey: [...keys.newImages, name, newest],
    queryFn: async ({ signal }) =>
      countNew((await readImages(filter, { limit: pageRows }, signal)).data, top.data),
    enabled: top.isSuccess,
    staleTime: 0,
  });
  const showNew = useCallback(() => {
    beginnings.delete(name);
    void queries.invalidateQueries({ queryKey: [...keys.images, 'wall', name] });
    void queries.resetQueries({ queryKey: keys.newImages });
  }, [queries, name]);

  const imageAt = (place: number): GalleryImage | undefined =>
    pageAt(Math.floor(place / pageRows))?.data[place % pageRows];
  return {
    count,
    look,
    imageAt,
    async imagesBetween(first, last) {
      const found: GalleryImage[] = [];
      for (
        let page = Math.floor(first / pageRows);
        page <= Math.floor(last / pageRows);
        page += 1
      ) {
        const { data } = pageAt(page) ?? (await queries.query<ImagePage>(pageQuery(page)));
        found.push(...data.slice(Math.max(0, first - page * pageRows), last - page * pageRows + 1));
      }
      return found;
    },
    loaded: () => [0, ...numbers].flatMap((page) => pageAt(page)?.data ?? []),
    newCount: news.data ?? 0,
    showNew,
    isPending: top.isPending,
    isCounted: !isLong || counted.isSuccess,
    isComplete: top.data?.search_complete !== false,
    error: top.error ?? counted.error,
  };
}

/** The first page comes with the wall's beginning. */
function numbersOf({ first, last }: Pages, count: number): number[] {
  const end = Math.min(last, Math.ceil(count / pageRows) - 1);
  const begin = Math.max(1, first);
  return Array.from({ length: Math.max(0, end - begin + 1) }, (_, index) => begin + index);
}

/** Jobs may end in another order than they began, so new pictures are not only at the beginning. */
function countNew(now: readonly GalleryImage[], shown: ImagePage | undefined): number {
  const known = new Set(shown?.data.map(({ id }) => id));
  const last = shown?.has_more === true ? shown.data.at(-1) : undefined;
  return now.filter(
    (image) => !known.has(image.id) && (last === undefined || isBefore(image, last)),
  ).length;
}

function isBefore(one: GalleryImage, other: GalleryImage): boolean {
  return one.job_id === other.job_id ? one.index < other.index : one.job_id > other.job_id;
}
