import { X } from 'lucide-react';
import { useTexts } from '../../../texts/i18n.ts';
import { filterNames, type GallerySearch } from '../../../wall/gallery-search.ts';
import { wallTexts } from './texts.ts';
import { useFilterChange } from './use-filter-change.ts';
import { useFilterWords } from './use-filter-words.ts';

/** What narrows the wall; a press takes it away. */
export function Chips({ search }: { search: GallerySearch }) {
  const t = useTexts(wallTexts);
  const change = useFilterChange();
  const filters = useFilterWords(search);
  if (filters.length === 0) return null;
  return (
    <div role="group" aria-label={t.filters} className="flex flex-wrap items-center gap-2">
      {filters.map(({ name, words }) => (
        <button
          key={name}
          type="button"
          aria-label={t.remove({ filter: words })}
          onClick={() => change({ [name]: undefined })}
          className="inline-flex h-(--control-small) max-w-full items-center gap-2 rounded-full
            border border-line bg-surface px-3 text-small font-semibold transition
            hover:border-edge"
        >
          <span className="truncate">{words}</span>
          <X aria-hidden className="size-[0.875rem] shrink-0 text-muted" />
        </button>
      ))}
      {filters.length > 1 && (
        <button
          type="button"
          onClick={() => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))}
          className="rounded-small px-2 py-1 text-small font-semibold text-ember
            hover:text-ember-deep"
        >
          {t.clear}
        </button>
      )}
    </div>
  );
}
