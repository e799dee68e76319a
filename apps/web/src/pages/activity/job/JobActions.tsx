import { answer } from '@kiln/client/client';
import { useMutation } from '@tanstack/react-query';
import { RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Dialog } from '../../../components/overlays/Dialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { showToast } from '../../../undo/toasts.ts';
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

function AgainDialog({ job, isOpen, onClose }: AgainDialogProps) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { id, cost } = job;
  const again = useMutation({
    mutationFn: () => answer(client.POST('/v1/jobs/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => {
      showToast(t.isQueued);
      onClose();
    },
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t.againTitle}
      description={
        cost.estimated === null
          ? t.againTextUnknown
          : t.againText({ money: format.money(cost.estimated) })
      }
      actions={
        <>
          <Button onClick={onClose}>{t.notNow}</Button>
          <Button variant="primary" isBusy={again.isPending} onClick={() => again.mutate()}>
            {t.again}
          </Button>
        </>
      }
    >
      {again.error !== null && <Notice tone="bad">{again.error.message}</Notice>}
    </Dialog>
  );
}
