import { answer } from '@kiln/client/client';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { cx } from '../../../components/cx.ts';
import { useNow } from '../../../components/display/clock.ts';
import { SpendDialog } from '../../../components/overlays/SpendDialog.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { queueTexts } from '../texts.ts';
import type { Job } from '../types.ts';

const resolve = (id: string, action: 'retry' | 'fail') =>
  answer(
    client.POST('/v1/jobs/{id}/resolve', {
      params: { path: { id } },
      body: { action },
      keepalive: true,
    }),
  );

/** A job that waits for a decision: its prompt, the money at risk, and the two ways on. */
export function HeldJob({ job }: { job: Job }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  const isLeaving = useIsLeaving(job.id);
  const [isAsking, setIsAsking] = useState(false);
  const { prompt } = job.request;
  const sentAt = job.started_at ?? job.created_at;
  return (
    <li
      data-item
      className={cx('flex flex-wrap items-center gap-3 p-4', isLeaving && 'opacity-50')}
    >
      <div className="flex min-w-0 grow basis-[14rem] flex-col">
        <Link
          to="/activity/jobs/$jobId"
          params={{ jobId: job.id }}
          className="truncate font-semibold hover:text-ember"
        >
          {prompt}
        </Link>
        <span className="text-small text-muted">
          {t.heldAtRisk({ money: format.money(job.cost.at_risk) })} ·{' '}
          {t.heldSince({ ago: format.relative(sentAt, now) })} · {job.model}
        </span>
      </div>
      <div className="flex gap-2">
        <Button
          size="small"
          unavailable={isLeaving ? t.givingUp : undefined}
          onClick={() =>
            doLater({
              key: job.id,
              text: t.givenUp({ prompt: shortened(prompt) }),
              act: () => resolve(job.id, 'fail'),
            })
          }
        >
          {t.giveUp}
        </Button>
        <Button
          size="small"
          unavailable={isLeaving ? t.givingUp : undefined}
          onClick={() => setIsAsking(true)}
        >
          {t.retry}
        </Button>
      </div>
      <RetryDialog job={job} isOpen={isAsking} onClose={() => setIsAsking(false)} />
    </li>
  );
}

interface RetryDialogProps {
  job: Job;
  isOpen: boolean;
  onClose: () => void;
}

function RetryDialog({ job, ...dialog }: RetryDialogProps) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const { estimated } = job.cost;
  return (
    <SpendDialog
      {...dialog}
      title={t.retryTitle}
      description={
        estimated === null ? t.retryTextUnknown : t.retryText({ money: format.money(estimated) })
      }
      dismissLabel={t.keep}
      spendLabel={t.retry}
      spend={() => resolve(job.id, 'retry')}
      done={t.retried}
    >
      <p className="line-clamp-3">{job.request.prompt}</p>
    </SpendDialog>
  );
}

function shortened(prompt: string): string {
  return prompt.length > 60 ? `${prompt.slice(0, 59)}…` : prompt;
}
