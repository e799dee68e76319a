import { answer } from '@kiln/client/client';
import { ListStart, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { cancelJob } from '../../../api/cancel-job.ts';
import { client } from '../../../api/client.ts';
import { useRunNext } from '../../../api/run-next.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { runNextTexts } from '../../../words/texts.ts';
import type { Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** What can be done with a job: run it next or cancel it while it waits; try it again afterwards. */
export function JobActions({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  const [isAsking, setIsAsking] = useState(false);
  const isLeaving = useIsLeaving(job.id);
  const { id, status } = job;
  if (status === 'queued')
    return (
      <>
        <RunNext job={job} isLeaving={isLeaving} />
        <Button
          icon={X}
          variant="danger"
          unavailable={isLeaving ? t.cancelling : undefined}
          onClick={() =>
            doLater({
              key: id,
              text: t.cancelled,
              act: () => cancelJob(id),
            })
          }
        >
          {t.cancel}
        </Button>
      </>
    );
  if (status !== 'failed' && status !== 'cancelled') return null;
  return (
    <>
      <Button icon={RotateCw} onClick={() => setIsAsking(true)}>
        {t.again}
      </Button>
      <AgainDialog job={job} isOpen={isAsking} onClose={() => setIsAsking(false)} />
    </>
  );
}

function RunNext({ job, isLeaving }: { job: Job; isLeaving: boolean }) {
  const t = useTexts(runNextTexts);
  const { cancelling } = useTexts(jobTexts);
  const { runNext, isBusy } = useRunNext({ id: job.id, prompt: job.request.prompt });
  const isNext = job.queue?.position === 0 ? t.isNext : undefined;
  const isPaused = job.queue?.reason === 'batch_paused' ? t.pausedBatch : undefined;
  return (
    <Button
      icon={ListStart}
      isBusy={isBusy}
      unavailable={isLeaving ? cancelling : (isPaused ?? isNext)}
      onClick={runNext}
    >
      {t.runNext}
    </Button>
  );
}

interface AgainDialogProps {
  job: Job;
  isOpen: boolean;
  onClose: () => void;
}

function AgainDialog({ job: { id, cost }, ...dialog }: AgainDialogProps) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { estimated } = cost;
  return (
    <SpendDialog
      {...dialog}
      title={t.againTitle}
      description={
        estimated === null ? t.againTextUnknown : t.againText({ money: format.money(estimated) })
      }
      dismissLabel={t.notNow}
      spendLabel={t.again}
      spend={() => answer(client.POST('/v1/jobs/{id}/retry', { params: { path: { id } } }))}
      done={t.isQueued}
    />
  );
}
