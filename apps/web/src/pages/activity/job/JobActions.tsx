import { answer } from '@kiln/client/client';
import { RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import type { Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** What can be done with a job: cancel it while it waits, or try it again after it has ended. */
export function JobActions({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  const [isAsking, setIsAsking] = useState(false);
  const isLeaving = useIsLeaving(job.id);
  const { id, status } = job;
  if (status === 'queued')
    return (
      <Button
        icon={X}
        variant="danger"
        unavailable={isLeaving ? t.cancelling : undefined}
        onClick={() =>
          doLater({
            key: id,
            text: t.cancelled,
            act: () =>
              answer(
                client.POST('/v1/jobs/{id}/cancel', {
                  params: { path: { id } },
                  body: {},
                  keepalive: true,
                }),
              ),
          })
        }
      >
        {t.cancel}
      </Button>
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
