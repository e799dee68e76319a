import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CirclePause, CircleX, Clock, LoaderCircle, Play, Square } from 'lucide-react';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { actionLink } from '../../../components/display/action-link.ts';
import { Badge, type BadgeProps } from '../../../components/display/Badge.tsx';
import { Progress } from '../../../components/display/Progress.tsx';
import { RelativeTime } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem } from '../../../undo/toasts.ts';
import { changeAction, isOpen, type BulkAction } from '../bulk/bulk-actions.ts';
import { actionTexts } from './texts.ts';
import { useActionWords } from './use-action-words.ts';

const looks: Readonly<Record<BulkAction['status'], Pick<BadgeProps, 'tone' | 'icon'>>> = {
  queued: { icon: Clock },
  running: { tone: 'ember', icon: LoaderCircle },
  stopped: { tone: 'warn', icon: CirclePause },
  completed: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
};

/** A bulk action: what, over how many, how far, what could not be changed. */
export function ActionCard({ action }: { action: BulkAction }) {
  const t = useTexts(actionTexts);
  const { number } = useFormat();
  const words = useActionWords()(action);
  const { status, total, done, failed, failures, error, result } = action;
  return (
    <li
      data-item
      className="flex flex-col gap-3 rounded-large border border-line bg-surface p-4 tablet:px-5"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 grow font-semibold">{words}</h2>
        <Badge {...looks[status]}>{t[status]}</Badge>
        <Change action={action} />
      </div>
      <Progress
        share={total === 0 ? 1 : done / total}
        failedShare={total === 0 ? 0 : failed / total}
        label={words}
        valueText={t.progress({ done: number(done + failed), total: number(total) })}
      />
      <div className="flex flex-wrap gap-x-4 gap-y-1 text-small text-muted">
        <span className="tabular">
          {t.progress({ done: number(done + failed), total: number(total) })}
        </span>
        {failed > 0 && <span className="tabular text-bad">{t.notChanged(failed)}</span>}
        {result !== null && (
          <Link to="/batches/$id" params={{ id: result.batch_id }} className={actionLink}>
            {t.toBatch}
          </Link>
        )}
        <span className="ml-auto">
          <RelativeTime at={action.created_at} />
        </span>
      </div>
      {error !== null && <p className="text-small text-bad">{error.message}</p>}
      {failures.length > 0 && (
        <details>
          <summary className="text-small font-semibold text-muted">{t.why}</summary>
          <ul className="flex flex-col gap-1 pt-2 text-small">
            {failures.map(({ id, message }) => (
              <li key={id} className="wrap-anywhere">
                <span className="font-mono text-muted">{id}</span> {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function Change({ action }: { action: BulkAction }) {
  const t = useTexts(actionTexts);
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (change: 'stop' | 'resume') => changeAction(action.id, change),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.bulkActions }),
    onError: ({ message }) => showProblem(message),
  });
  if (isOpen(action))
    return (
      <Button size="small" icon={Square} isBusy={isPending} onClick={() => mutate('stop')}>
        {t.stop}
      </Button>
    );
  if (action.status !== 'stopped' && action.status !== 'failed') return null;
  return (
    <Button size="small" icon={Play} isBusy={isPending} onClick={() => mutate('resume')}>
      {t.resume}
    </Button>
  );
}
