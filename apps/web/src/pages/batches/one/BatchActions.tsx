import { Ban, Pause, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { Dialog } from '../../../components/overlays/Dialog.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { useIsLeaving } from '../../../undo/do-later.ts';
import { hasEnded, type Batch } from '../api.ts';
import { DownloadMenu } from './DownloadMenu.tsx';
import { batchTexts } from './texts.ts';
import { cancelKey, useBatchActions } from './use-batch-actions.ts';

/** What can be done with a batch in its state. */
export function BatchActions({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(batchTexts);
  const { pause, resume, cancel, retry, isBusy } = useBatchActions(batch, name);
  const [isAsking, setIsAsking] = useState(false);
  const isLeaving = useIsLeaving(cancelKey(batch.id));
  const { failed } = batch.request_counts;
  const isRunning = batch.status === 'in_progress' || batch.status === 'validating';
  const canRetry = failed > 0 && hasEnded(batch) && batch.status !== 'failed';

  return (
    <>
      {canRetry && (
        <Button icon={RotateCcw} onClick={() => setIsAsking(true)} isBusy={isBusy}>
          {t.retry}
        </Button>
      )}
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
      <DownloadMenu batch={batch} />
      <Dialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title={t.retryTitle(failed)}
        description={t.retryHint}
        actions={
          <>
            <Button onClick={() => setIsAsking(false)}>{t.back}</Button>
            <Button
              variant="primary"
              onClick={() => {
                setIsAsking(false);
                retry();
              }}
            >
              {t.retryNow}
            </Button>
          </>
        }
      />
    </>
  );
}
