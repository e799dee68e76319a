import { useNavigate, useSearch } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Target } from '../../../wall/use-window-lines.ts';
import type { RowSearch } from '../row-search.ts';
import { RowDialog } from './RowDialog.tsx';
import { RowFilters } from './RowFilters.tsx';
import { RowTable } from './RowTable.tsx';
import { rowTexts } from './texts.ts';
import { useRows, type Counts } from './use-rows.ts';
import { Wall } from './Wall.tsx';

/** The rows of a batch: a wall of pictures in the file's order, or a table. */
export function RowsSection({ batchId, counts }: { batchId: string; counts: Counts }) {
  const t = useTexts(rowTexts);
  const navigate = useNavigate({ from: '/batches/$id' });
  useListKeys();
  const search = useSearch({ from: '/batches/$id' });
  const rows = useRows(batchId, search, counts.last_row ?? 0);
  const [target, setTarget] = useState<Target | null>(null);
  const { group: _group, code: _code, q: _q, ...others } = search;

  function change(next: RowSearch): void {
    void navigate({
      to: '/batches/$id',
      params: { id: batchId },
      search: next,
      replace: true,
      resetScroll: false,
    });
  }
  // It keeps its identity, so that a scroll renders no tile again.
  const open = useCallback(
    (row: number): void =>
      void navigate({ search: (now) => ({ ...now, row }), replace: true, resetScroll: false }),
    [navigate],
  );
  if (counts.last_row === null) return null;
  return (
    <section aria-label={t.rows} className="flex flex-col gap-4">
      <RowFilters
        counts={counts}
        search={search}
        onChange={change}
        onJump={rows.isFiltered ? undefined : (row) => setTarget({ place: row - 1 })}
      />
      {rows.isEmpty && (
        <EmptyState
          icon={SearchX}
          title={t.nothing}
          action={<Button onClick={() => change(others)}>{t.showAll}</Button>}
        >
          {t.nothingHint}
        </EmptyState>
      )}
      {!rows.isEmpty &&
        (search.view === 'rows' ? (
          <RowTable rows={rows} target={target} onOpen={open} />
        ) : (
          <Wall rows={rows} target={target} onOpen={open} />
        ))}
      <RowDialog
        batchId={batchId}
        row={search.row}
        lastRow={counts.last_row}
        onOpen={open}
        onClose={() => {
          const { row: _row, ...rest } = search;
          change(rest);
        }}
      />
    </section>
  );
}
