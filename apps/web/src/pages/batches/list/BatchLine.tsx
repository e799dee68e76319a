import { Link } from '@tanstack/react-router';
import { useBatchName } from '../../../api/batch-name.ts';
import { RelativeTime } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { hasEnded, progressOf, type Batch } from '../api.ts';
import { BatchBar, BatchEta } from '../BatchBar.tsx';
import { BatchState } from '../BatchState.tsx';
import { listTexts } from './texts.ts';

/** One batch of the list; all of it leads to the batch. */
export function BatchLine({ batch }: { batch: Batch }) {
  const t = useTexts(listTexts);
  const { number, money } = useFormat();
  const name = useBatchName(batch);
  const { ended, total } = progressOf(batch);
  const { failed } = batch.request_counts;
  const { actual, estimated } = batch.cost;
  return (
    <li
      data-item
      className="relative flex flex-col gap-3 rounded-large border border-line bg-surface p-4
        transition hover:border-edge has-focus-visible:border-ember tablet:px-5"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="min-w-0 grow truncate font-semibold">
          <Link
            to="/batches/$id"
            params={{ id: batch.id }}
            className="after:absolute after:inset-0 after:rounded-large"
          >
            {name}
          </Link>
        </h2>
        <BatchState batch={batch} />
      </div>
      <BatchBar batch={batch} name={name} />
      <div className="flex flex-wrap gap-x-4 gap-y-1 text-small text-muted">
        {total > 0 && (
          <span className="tabular">{t.ended({ ended: number(ended), total: number(total) })}</span>
        )}
        {failed > 0 && <span className="tabular text-bad">{t.failed(failed)}</span>}
        <span className="tabular">
          {hasEnded(batch)
            ? money(actual)
            : t.spent({ actual: money(actual), estimated: money(estimated) })}
        </span>
        {batch.finishes_at !== null && (
          <span className="tabular">
            {t.doneIn} <BatchEta range={batch.finishes_at} />
          </span>
        )}
        <span className="grow text-right">
          <RelativeTime at={batch.created_at} />
        </span>
      </div>
    </li>
  );
}
