import { useNavigate } from '@tanstack/react-router';
import { Ban, ListChecks, Pause, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { useCommands } from '../../../keyboard/commands.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useIsLeaving } from '../../../undo/do-later.ts';
import { hasEnded, type Batch } from '../api.ts';
import { pickTexts } from '../pick/texts.ts';
import { DownloadMenu } from './DownloadMenu.tsx';
import { FinalsButton } from './FinalsButton.tsx';
import { batchTexts } from './texts.ts';
import { cancelKey, useBatchActions } from './use-batch-actions.ts';
import { retryableOf, type StateCounts } from './use-rows.ts';

export interface BatchActionsProps {
  batch: Batch;
  name: string;
  counts: StateCounts | undefined;
}

/** What can be done with a batch in its state. */
export function BatchActions({ batch, name, counts }: BatchActionsProps) {
  const t = useTexts(batchTexts);
  const { pause, resume, cancel, retry, isBusy } = useBatchActions(batch, name);
  const isLeaving = useIsLeaving(cancelKey(batch.id));
  const isRunning = batch.status === 'in_progress' || batch.status === 'validating';
  const retryable = retryableOf(counts);
  const canRetry = retryable > 0 && hasEnded(batch) && batch.status !== 'failed';

  return (
    <>
      {canRetry && <Retry batch={batch} count={retryable} retry={retry} />}
      {isRunning &&
        (batch.paused_at === null ? (
          <Button icon={Pause} onClick={pause} isBusy={isBusy}>
            {t.pause}
          </Button>
        ) : (
          <Button variant="primary" icon={Play} onClick={resume} isBusy={isBusy}>
            {t.resume}
          </Button>
        ))}
      {isRunning && (
        <Button variant="danger" icon={Ban} onClick={cancel} isBusy={isLeaving}>
          {t.cancel}
        </Button>
      )}
      {batch.request_counts.completed > 0 && (
        <>
          <PickLink batchId={batch.id} />
          <FinalsButton batchId={batch.id} />
        </>
      )}
      <DownloadMenu batch={batch} />
    </>
  );
}

/** Leads to the pictures one by one; it looks like a button beside the others. */
function PickLink({ batchId }: { batchId: string }) {
  const t = useTexts(pickTexts);
  const navigate = useNavigate();
  const open = (): void => void navigate({ to: '/batches/$id/pick', params: { id: batchId } });
  useShortcuts([{ keys: 'p', label: t.open, run: open }]);
  useCommands([{ id: 'pick', label: t.open, icon: ListChecks, keys: 'p', run: open }]);
  return (
    <Button icon={ListChecks} title={t.openHint} onClick={open}>
      {t.open}
    </Button>
  );
}

interface RetryProps {
  batch: Batch;
  count: number;
  retry: () => Promise<Batch>;
}

function Retry({ batch, count, retry }: RetryProps) {
  const t = useTexts(batchTexts);
  const { money } = useFormat();
  const [isAsking, setIsAsking] = useState(false);
  // Rows of a batch are much alike, so each is taken for an average one.
  const cost = (batch.cost.estimated * count) / Math.max(1, batch.request_counts.total);
  return (
    <>
      <Button icon={RotateCcw} onClick={() => setIsAsking(true)}>
        {t.retry}
      </Button>
      <SpendDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={t.retryTitle(count)}
        description={t.retryHint({ money: money(cost) })}
        dismissLabel={t.back}
        spendLabel={t.retryNow}
        spend={retry}
        done={t.retried(count)}
      />
    </>
  );
}
