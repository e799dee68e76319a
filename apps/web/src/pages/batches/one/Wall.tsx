import { memo } from 'react';
import { address } from '../../../api/client.ts';
import { cx } from '../../../components/cx.ts';
import { Thumbnail } from '../../../components/display/Thumbnail.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { Tiles } from '../../../wall/Tiles.tsx';
import type { BatchRow } from '../api.ts';
import { rowLooks, useRowStateTexts } from './RowState.tsx';
import { rowTexts } from './texts.ts';
import type { RowsViewProps } from './use-rows.ts';

/** A place for every row, in the file's order; pictures fill it in. */
export function Wall({ rows, target, onOpen }: RowsViewProps) {
  const t = useTexts(rowTexts);
  return (
    <Tiles places={rows} target={target} label={t.pictures}>
      {(place) => (
        <Tile
          row={rows.rowAt(place)}
          isTarget={!rows.isFiltered && target?.place === place}
          onOpen={onOpen}
        />
      )}
    </Tiles>
  );
}

const grounds: Readonly<Partial<Record<BatchRow['status'], string>>> = {
  in_progress: 'bg-ember-soft text-ember',
  held: 'bg-warn-soft text-warn',
  failed: 'bg-bad-soft text-bad',
  invalid: 'bg-bad-soft text-bad',
  expired: 'bg-warn-soft text-warn',
};

interface TileProps {
  row: BatchRow | null | undefined;
  isTarget: boolean;
  onOpen: (row: number) => void;
}

const Tile = memo(function Tile({ row, isTarget, onOpen }: TileProps) {
  const t = useTexts(rowTexts);
  const states = useRowStateTexts();
  const { number } = useFormat();
  if (row === null)
    return (
      <span
        title={t.empty}
        className="block size-full rounded-medium border border-dashed border-line"
      />
    );
  if (row === undefined) return <span className="block size-full rounded-medium bg-sunken" />;
  const { images } = row;
  const image = images[0];
  const { icon: Icon } = rowLooks[row.status];
  const label = t.named({ row: number(row.row), state: states[row.status] });
  return (
    <button
      type="button"
      aria-label={row.prompt === null ? label : `${label}. ${row.prompt}`}
      title={row.prompt ?? undefined}
      onClick={() => onOpen(row.row)}
      className={cx(
        'relative block size-full overflow-hidden rounded-medium hover:opacity-90',
        grounds[row.status] ?? 'bg-sunken text-muted',
        isTarget && 'outline-2 outline-offset-2 outline-ember',
      )}
    >
      {image === undefined ? (
        <span className="flex size-full flex-col items-center justify-center gap-2">
          <Icon
            aria-hidden
            strokeWidth={1.6}
            className={cx('size-[1.25rem]', row.status === 'in_progress' && 'animate-breathe')}
          />
          <span className="tabular text-small">{number(row.row)}</span>
        </span>
      ) : (
        <Thumbnail src={address(image.thumbnail_url ?? image.url)} thumbhash={image.thumbhash} />
      )}
      {images.length > 1 && (
        <span
          className="tabular absolute right-1 bottom-1 rounded-small bg-surface px-1 text-small
            font-semibold"
        >
          {t.morePictures({ count: number(images.length - 1) })}
        </span>
      )}
    </button>
  );
});
