import { Notice } from '../../../../components/display/Notice.tsx';
import { useFormat } from '../../../../texts/format.ts';
import { useTexts } from '../../../../texts/i18n.ts';
import type { BatchValidation } from '../../api.ts';
import { previewTexts } from './texts.ts';

const listed = 6;

/** Rows that send the same request again, and what they would cost. They are not refused. */
export function Duplicates({ duplicates }: { duplicates: BatchValidation['duplicates'] }) {
  const t = useTexts(previewTexts);
  const { number, money, list } = useFormat();
  const { count, rows, cost } = duplicates;
  const pairs = rows
    .slice(0, listed)
    .map(({ row, same_as: first }) => t.sameAs({ row: number(row), first: number(first) }));
  const more = count - pairs.length;
  return (
    <Notice tone="warn" title={t.duplicates(count)}>
      <p>{t.duplicatesCost({ money: money(cost.estimated) })}</p>
      <p className="tabular text-small text-muted">
        {list(pairs)}
        {more > 0 && ` ${t.moreRows(more)}`}
      </p>
    </Notice>
  );
}
