import { useMemo } from 'react';
import { useAnnounceFound } from '../../../app/use-announce-found.ts';
import { SearchBox } from '../../../components/controls/SearchBox.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { filterOf, searchFor, type GallerySearch } from '../../../wall/gallery-search.ts';
import { BulkBar } from '../bulk/BulkBar.tsx';
import { useKeptSelection } from '../selection/use-kept-selection.ts';
import { Chips } from './Chips.tsx';
import { FilterPanel } from './FilterPanel.tsx';
import { NewPictures } from './NewPictures.tsx';
import { NothingHere } from './NothingHere.tsx';
import { wallTexts } from './texts.ts';
import { useFilterChange } from './use-filter-change.ts';
import { useImages } from './use-images.ts';
import { Wall } from './Wall.tsx';

/** All pictures that match what is in the address, newest first, or those of the trash. */
export function WallView({ search }: { search: GallerySearch }) {
  const t = useTexts(wallTexts);
  const { number } = useFormat();
  const change = useFilterChange();
  const name = JSON.stringify(search);
  // The address is read anew at each render; the filter is the same object while it says the same.
  const filter = useMemo(() => filterOf(JSON.parse(name) as GallerySearch), [name]);
  const images = useImages(filter);
  const isTrash = search.view === 'trash';
  const { view: _view, ...filters } = search;
  const isSearched = Object.keys(filters).length > 0;
  const isFound = isSearched && !images.isPending && images.isCounted;
  useAnnounceFound(isFound ? images.count : null);
  useKeptSelection(filter);
  return (
    <div className="flex flex-col gap-4">
      <search className="flex flex-wrap items-center gap-3">
        <SearchBox
          keys="/"
          label={t.search}
          q={search.q}
          className="min-w-[12rem] flex-1 tablet:max-w-[24rem]"
          onChange={(q) => change({ q: undefined, ...searchFor(q) })}
        />
        <FilterPanel search={search} />
        {images.count > 0 && images.isCounted && (
          <span className="tabular ml-auto text-muted">
            {t.found({ shown: number(images.count) })(images.count)}
          </span>
        )}
      </search>
      <Chips search={search} />
      {images.error !== null && (
        <Notice tone="bad" title={t.unreachable}>
          {images.error.message}
        </Notice>
      )}
      {images.isPending && images.error === null && (
        <Skeleton className="h-[24rem] rounded-large" />
      )}
      {!images.isComplete && <Notice>{t.notAll}</Notice>}
      <NewPictures count={images.newCount} onShow={images.showNew} />
      {!images.isPending && images.count === 0 && (
        <NothingHere isTrash={isTrash} isSearched={isSearched} />
      )}
      {images.count > 0 && <Wall key={name} images={images} filter={filter} />}
      <BulkBar images={images} isTrash={isTrash} />
    </div>
  );
}
