import { ListStart } from 'lucide-react';
import { useRunNext } from '../../../api/run-next.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Badge } from '../../../components/display/Badge.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import { runNextTexts } from '../../../words/texts.ts';
import { useBatch, type Batch, type BatchRow } from '../api.ts';
import { useBatchChange } from './use-batch-change.ts';

/** Lets a row that waits start next. */
export function RowRunNext({ batchId, row }: { batchId: string; row: BatchRow }) {
  const t = useTexts(runNextTexts);
  const { data: batch } = useBatch(batchId);
  const { job_id: id, prompt, status } = row;
  const { runNext, isBusy } = useRunNext({ id: id ?? '', prompt: prompt ?? '' });
  if (status !== 'queued' && status !== 'waiting') return null;
  const isPaused = (batch?.paused_at ?? null) !== null;
  return (
    <Button
      size="small"
      icon={ListStart}
      isBusy={isBusy}
      unavailable={id === null ? t.notRead : isPaused ? t.pausedBatch : undefined}
      onClick={runNext}
    >
      {t.runNext}
    </Button>
  );
}

/** Lets the rows of a batch that wait start before those of others, as often as it is asked. */
export function BatchRunNext({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(runNextTexts);
  const { change, isBusy } = useBatchChange(batch.id, () =>
    showToast(batch.paused_at === null ? t.batchRunsNext({ name }) : t.batchRunsLater({ name })),
  );
  return (
    <Button
      variant="plain"
      size="small"
      icon={ListStart}
      isBusy={isBusy}
      onClick={() =>
        change({ position: 'next' }, { onError: ({ message }) => void showProblem(message) })
      }
    >
      {t.runNext}
    </Button>
  );
}

/** Says that the rows of a batch go first. */
export function RunsNextBadge() {
  const t = useTexts(runNextTexts);
  return (
    <Badge tone="ember" icon={ListStart}>
      {t.goesFirst}
    </Badge>
  );
}
