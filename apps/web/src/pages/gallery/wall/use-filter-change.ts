/** Changes what the gallery shows, which is in its address. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { readSearch, type GallerySearch } from '../../../wall/gallery-search.ts';

/** Undefined takes a filter away. */
export type FilterChange = { [Name in keyof GallerySearch]?: GallerySearch[Name] | undefined };

export function useFilterChange(): (change: FilterChange) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) =>
      void navigate({
        to: '/gallery',
        search: (now) => readSearch({ ...now, ...change }),
        replace: true,
        resetScroll: true,
      }),
    [navigate],
  );
}
