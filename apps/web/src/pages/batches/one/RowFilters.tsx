import { Grid3x3, Search, TableProperties } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { cx } from '../../../components/cx.ts';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { groups, statesOf, type RowGroup, type RowSearch } from '../row-search.ts';
import { rowTexts } from './texts.ts';
import type { useRowCounts } from './use-rows.ts';

type Counts = NonNullable<ReturnType<typeof useRowCounts>>;

export interface RowFiltersProps {
  counts: Counts;
  search: RowSearch;
  onChange: (search: RowSearch) => void;
}

const any = 'any';

/** Which rows are shown, and whether as pictures or as a table. */
export function RowFilters({ counts: { counts, total }, search, onChange }: RowFiltersProps) {
  const t = useTexts(rowTexts);
  const { number } = useFormat();
  const names: Readonly<Record<RowGroup, string>> = {
    waiting: t.groupWaiting,
    working: t.groupWorking,
    done: t.groupDone,
    failed: t.groupFailed,
    cancelled: t.groupCancelled,
  };
  const countOf = (group: RowGroup): number =>
    statesOf[group].reduce((sum, state) => sum + counts.status[state], 0);
  const shown = groups.filter((group) => countOf(group) > 0 || search.group === group);

  function choose(field: 'group' | 'code' | 'view' | 'q', value: string | undefined): void {
    const { [field]: _old, ...rest } = search;
    onChange({ ...rest, ...(value === undefined ? {} : { [field]: value }) });
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      <div role="group" aria-label={t.filter} className="flex flex-wrap gap-2">
        <Chip isPressed={search.group === undefined} onClick={() => choose('group', undefined)}>
          {t.all} {total !== null && number(total)}
        </Chip>
        {shown.map((group) => (
          <Chip
            key={group}
            isPressed={search.group === group}
            onClick={() => choose('group', search.group === group ? undefined : group)}
          >
            {names[group]} {number(countOf(group))}
          </Chip>
        ))}
      </div>
      {(counts.codes.length > 0 || search.code !== undefined) && (
        <Select
          label={t.code}
          size="small"
          className="max-w-[14rem]"
          value={search.code ?? any}
          onChange={(code) => choose('code', code === any ? undefined : code)}
          options={[
            { value: any, label: t.anyCode },
            ...counts.codes.map(({ code, count }) => ({
              value: code,
              label: `${code.replaceAll('_', ' ')} · ${number(count)}`,
            })),
          ]}
        />
      )}
      <div className="flex grow flex-wrap items-center justify-end gap-3">
        <SearchBox q={search.q} onChange={(q) => choose('q', q)} />
        <Segmented
          label={t.view}
          isCompact
          value={search.view ?? 'pictures'}
          onChange={(view) => choose('view', view === 'rows' ? view : undefined)}
          segments={[
            { value: 'pictures', label: t.pictures, icon: Grid3x3 },
            { value: 'rows', label: t.table, icon: TableProperties },
          ]}
        />
      </div>
    </div>
  );
}

function Chip(props: { isPressed: boolean; onClick: () => void; children: ReactNode }) {
  const { isPressed, onClick, children } = props;
  return (
    <button
      type="button"
      aria-pressed={isPressed}
      onClick={onClick}
      className={cx(
        'tabular h-(--control-small) rounded-full border px-3 text-small font-semibold transition',
        isPressed
          ? 'border-ink bg-ink text-ground'
          : 'border-line bg-surface text-muted hover:border-edge hover:text-ink',
      )}
    >
      {children}
    </button>
  );
}

const settleMs = 300;

function SearchBox(props: { q: string | undefined; onChange: (q: string | undefined) => void }) {
  const { q, onChange } = props;
  const t = useTexts(rowTexts);
  const [text, setText] = useState(q ?? '');
  const box = useRef<HTMLDivElement>(null);
  const input = (): HTMLInputElement | null => box.current?.querySelector('input') ?? null;
  const change = useEffectEvent((typed: string) => {
    const wanted = typed.trim() === '' ? undefined : typed.trim();
    if (wanted !== q) onChange(wanted);
  });
  useEffect(() => {
    const timer = setTimeout(() => change(text), settleMs);
    return () => clearTimeout(timer);
  }, [text]);
  // Another act, such as *Show all rows*, may have ended the search.
  const [seen, setSeen] = useState(q);
  if (seen !== q) {
    setSeen(q);
    if (q === undefined) setText('');
  }
  useShortcuts([{ keys: '/', label: t.search, run: () => input()?.focus() }]);
  return (
    <div ref={box} className="relative w-full min-w-0 tablet:w-[16rem]">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-0 bottom-0 left-3 my-auto size-[1rem] text-muted"
      />
      <TextInput
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        maxLength={200}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        className="h-(--control-small)! pl-6! text-small"
      />
    </div>
  );
}
