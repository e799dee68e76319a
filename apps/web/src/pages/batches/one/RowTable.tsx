import { memo } from 'react';
import { address } from '../../../api/client.ts';
import { cx } from '../../../components/cx.ts';
import { Thumbnail } from '../../../components/display/Thumbnail.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useWindowLines } from '../../../wall/use-window-lines.ts';
import type { BatchRow } from '../api.ts';
import { RowState, useRowStateTexts } from './RowState.tsx';
import { rowTexts } from './texts.ts';
import type { RowsViewProps } from './use-rows.ts';

const lineHeight = 64;
const columns =
  'grid grid-cols-[3rem_2.5rem_minmax(0,1fr)] items-center gap-x-3 tablet:grid-cols-[4.5rem_2.5rem_minmax(0,1fr)_11rem_5rem]';

/** The rows as a table; only the lines in sight are there. */
export function RowTable({ rows, target, onOpen }: RowsViewProps) {
  const t = useTexts(rowTexts);
  const { box, totalHeight, lines } = useWindowLines({
    places: rows,
    target,
    columns: 1,
    height: lineHeight,
  });
  return (
    <div role="table" aria-label={t.rows} aria-rowcount={rows.count + 1}>
      <div role="rowgroup">
        <div
          role="row"
          aria-rowindex={1}
          className={`${columns} border-b border-line py-2 text-small font-semibold text-muted`}
        >
          <span role="columnheader" className="text-right">
            {t.row}
          </span>
          <span role="columnheader">
            <span className="sr-only">{t.pictures}</span>
          </span>
          <span role="columnheader">{t.prompt}</span>
          <span role="columnheader" className="hidden tablet:block">
            {t.state}
          </span>
          <span role="columnheader" className="hidden text-right tablet:block">
            {t.cost}
          </span>
        </div>
      </div>
      <div ref={box} role="rowgroup" className="relative" style={{ height: totalHeight }}>
        {lines.map(({ index, offset }) => {
          const row = rows.rowAt(index);
          return (
            <div
              key={index}
              data-item
              role="row"
              aria-rowindex={index + 2}
              className={cx(
                columns,
                'absolute inset-x-0 border-b border-line contain-strict hover:bg-sunken',
                !rows.isFiltered && target?.place === index && 'bg-ember-soft',
              )}
              style={{ height: lineHeight, top: offset }}
            >
              {row === undefined && <Coming />}
              {row === null && <Empty row={index + 1} />}
              {row !== undefined && row !== null && <Line row={row} onOpen={onOpen} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Coming() {
  return (
    <span role="cell" className="col-start-3">
      <span aria-hidden className="block h-[0.875rem] w-1/2 rounded-small bg-sunken" />
    </span>
  );
}

function Empty({ row }: { row: number }) {
  const t = useTexts(rowTexts);
  const { number } = useFormat();
  return (
    <>
      <span role="cell" className="tabular text-right text-small text-muted">
        {number(row)}
      </span>
      <span role="cell" className="col-start-3 text-small text-muted">
        {t.empty}
      </span>
    </>
  );
}

interface LineProps {
  row: BatchRow;
  onOpen: (row: number) => void;
}

const Line = memo(function Line({ row, onOpen }: LineProps) {
  const states = useRowStateTexts();
  const { number, money } = useFormat();
  const { custom_id: customId, prompt, error, cost, status } = row;
  const image = row.images[0];
  const second = error?.message ?? (prompt === null ? null : customId);
  return (
    <>
      <span role="cell" className="tabular text-right text-small text-muted">
        {number(row.row)}
      </span>
      <span role="cell" className="block size-[2.5rem]">
        {image === undefined ? (
          <span className="block size-full rounded-small bg-sunken" />
        ) : (
          <Thumbnail src={address(image.thumbnail_url ?? image.url)} thumbhash={image.thumbhash} />
        )}
      </span>
      <span role="cell" className="flex min-w-0 flex-col">
        <button
          type="button"
          onClick={() => onOpen(row.row)}
          className="truncate text-left after:absolute after:inset-0"
        >
          {prompt ?? customId ?? states[status]}
        </button>
        <span className="flex min-w-0 items-center gap-2 text-small text-muted">
          <span className="shrink-0 tablet:hidden">{states[status]}</span>
          {second !== null && <span className="truncate">{second}</span>}
        </span>
      </span>
      <span role="cell" className="hidden tablet:block">
        <RowState status={status} />
      </span>
      <span role="cell" className="tabular hidden text-right text-small tablet:block">
        {cost.actual === null ? '–' : money(cost.actual)}
      </span>
    </>
  );
});
