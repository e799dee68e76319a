import { Link } from '@tanstack/react-router';
import { actionLink } from '../../../components/display/action-link.ts';
import { Progress } from '../../../components/display/Progress.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { isOpen, type BulkAction } from '../bulk/bulk-actions.ts';
import { actionTexts } from './texts.ts';
import { useActionWords } from './use-action-words.ts';

/** A change that takes longer than a glance is above the wall until it is done. */
const smallest = 200;

export function UnderWay({ actions }: { actions: readonly BulkAction[] }) {
  const t = useTexts(actionTexts);
  const { number } = useFormat();
  const words = useActionWords();
  const open = actions.find((action) => isOpen(action) && action.total > smallest);
  if (open === undefined) return null;
  const { done, failed, total } = open;
  return (
    <div className="flex flex-col gap-2 rounded-medium bg-sunken p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="font-semibold">{words(open)}</p>
        <p className="tabular flex gap-4 text-small text-muted">
          {t.progress({ done: number(done + failed), total: number(total) })}
          <Link to="/gallery" search={{ view: 'actions' }} className={actionLink}>
            {t.show}
          </Link>
        </p>
      </div>
      <Progress
        share={done / Math.max(1, total)}
        failedShare={failed / Math.max(1, total)}
        label={words(open)}
      />
    </div>
  );
}
