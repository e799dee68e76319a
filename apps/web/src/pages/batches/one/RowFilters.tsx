import { Grid3x3, TableProperties } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../../components/cx.ts';
import { SearchBox } from '../../../components/controls/SearchBox.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { groups, statesOf, type RowGroup, type RowSearch } from '../row-search.ts';
import { JumpBox } from './JumpBox.tsx';
import { rowTexts } from './texts.ts';
import type { Counts } from './use-rows.ts';

export interface RowFiltersProps {
  counts: Counts;
  search: RowSearch;
  onChange: (search: RowSearch) => void;
  /** Leads to a row by its number; undefined while only some rows are shown. */
  onJump: ((row: number) => void) | undefined;
}

const any = 'any';

/** Which rows are shown, and whether as pictures or as a table. */
export function RowFilters(props: RowFiltersProps) {
  const { search, onChange, onJump } = props;
  const { counts, total, last_row: lastRow } = props.counts;
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
  // Two lines, so that nothing moves when a state is the first of its kind.
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-start justify-between gap-3">
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
        <Segmented
          label={t.view}
          isCompact
          value={search.view ?? 'pictures'}
          onChange={(view) => choose('view', view === 'rows' ? view : undefined)}
          segments={[
            { value: 'pictures', label: t.pictures, icon: Grid3x3 },
            { value: 'rows', label: t.table, icon: TableProperties },
          ]}
          className="shrink-0"
        />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <SearchBox
          keys="/"
          size="small"
          className="min-w-[10rem] flex-1 tablet:max-w-[16rem]"
          label={t.search}
          q={search.q}
          onChange={(q) => choose('q', q)}
        />
        {onJump !== undefined && <JumpBox lastRow={lastRow ?? 0} onJump={onJump} />}
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
