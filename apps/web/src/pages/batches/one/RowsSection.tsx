import { useNavigate, useSearch } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { Button } from '../../../components/controls/Button.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { Batch } from '../api.ts';
import type { RowSearch } from '../row-search.ts';
import { RowDialog } from './RowDialog.tsx';
import { RowFilters } from './RowFilters.tsx';
import { RowTable } from './RowTable.tsx';
import { rowTexts } from './texts.ts';
import { useRowCounts, useRows } from './use-rows.ts';
import { Wall } from './Wall.tsx';

/** The rows of a batch: a wall of pictures in the file's order, or a table. */
export function RowsSection({ batch }: { batch: Batch }) {
  const t = useTexts(rowTexts);
  const navigate = useNavigate();
  const search = useSearch({ from: '/batches/$id' });
  const counts = useRowCounts(batch.id);
  const rows = useRows(batch.id, search, counts?.last_row ?? 0);
  const { group: _group, code: _code, q: _q, ...others } = search;

  function change(next: RowSearch): void {
    void navigate({
      to: '/batches/$id',
      params: { id: batch.id },
      search: next,
      replace: true,
      resetScroll: false,
    });
  }
  const open = (row: number): void => change({ ...search, row });
  if (counts === undefined || counts.last_row === null) return null;
  return (
    <section aria-label={t.rows} className="flex flex-col gap-4">
      <RowFilters counts={counts} search={search} onChange={change} />
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
          <RowTable rows={rows} onOpen={open} />
        ) : (
          <Wall rows={rows} onOpen={open} />
        ))}
      <RowDialog
        batchId={batch.id}
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
