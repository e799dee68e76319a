import { useQueryClient } from '@tanstack/react-query';
import {
  Copy,
  Download,
  Ellipsis,
  ImagePlus,
  Link2,
  ListX,
  Pencil,
  RotateCw,
  X,
} from 'lucide-react';
import { cancelJob } from '../../../api/cancel-job.ts';
import { address, download } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { Menu, type MenuItem } from '../../../components/overlays/Menu.tsx';
import { copyAs, languages } from '../../../requests/copy-as.ts';
import { requestOfJob } from '../../../requests/request-of-job.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater } from '../../../undo/do-later.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { Job } from '../draft/types.ts';
import { focusPrompt } from '../form/PromptField.tsx';
import { useSubmit } from '../form/use-submit.ts';
import { addAsSource, layIntoForm } from '../hand-over.ts';
import { forgetJob } from './recent-jobs.ts';
import { resultTexts } from './texts.ts';

/** What can be done with a job. */
export function CardActions({ job, isLeaving }: { job: Job; isLeaving: boolean }) {
  const t = useTexts(resultTexts);
  const queryClient = useQueryClient();
  const again = useSubmit();
  const { id, status, images } = job;
  const place = address(`v1/jobs/${id}/images/0`);
  const hasPicture = status === 'succeeded' && job.results_deleted_at === null;

  function cancel(): void {
    doLater({
      key: id,
      text: t.cancelledToast,
      act: async () => queryClient.setQueryData(keys.job(id), await cancelJob(id)),
    });
  }
  function changeAndRun(): void {
    layIntoForm(job);
    focusPrompt();
  }
  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      showToast(t.copied);
    } catch {
      showProblem(t.copyFailed);
    }
  }
  const items: MenuItem[] = [
    { label: t.sameAgain, icon: RotateCw, onSelect: () => again.mutate(requestOfJob(job)) },
    { label: t.changeAndRun, icon: Pencil, onSelect: changeAndRun },
    ...(hasPicture
      ? [
          {
            label: t.useAsSource,
            icon: ImagePlus,
            onSelect: () => {
              addAsSource({ jobId: id, index: 0 }, images[0]?.format ?? 'png').catch(
                (error: unknown) =>
                  showProblem(error instanceof Error ? error.message : t.useAsSource),
              );
            },
          },
        ]
      : []),
    ...languages.map((language, index) => ({
      label: t.copyAs({ language: language === 'CSV' ? t.csvRow : language }),
      icon: Copy,
      startsGroup: index === 0,
      onSelect: () => void copy(copyAs(language, requestOfJob(job))),
    })),
    {
      label: t.copyLink,
      icon: Link2,
      onSelect: () => void copy(address(`?job=${id}`)),
    },
    {
      label: t.takeOff,
      icon: ListX,
      startsGroup: true,
      onSelect: () => {
        forgetJob(id);
        showToast(t.takenOff);
      },
    },
  ];
  return (
    <div className="flex flex-wrap items-center gap-1">
      {hasPicture && images.length === 1 && (
        <Button size="small" icon={Download} onClick={() => download(`${place}?download=1`)}>
          {t.download}
        </Button>
      )}
      {(status === 'queued' || status === 'in_progress') && !isLeaving && (
        <Button
          data-item-x
          size="small"
          icon={X}
          unavailable={status === 'in_progress' ? t.cannotCancel : undefined}
          onClick={cancel}
        >
          {t.cancel}
        </Button>
      )}
      {status !== 'queued' && status !== 'in_progress' && (
        <Button size="small" variant="plain" icon={Pencil} onClick={changeAndRun}>
          {t.changeAndRun}
        </Button>
      )}
      <span className="grow" />
      <Menu trigger={<IconButton icon={Ellipsis} size="small" label={t.more} />} items={items} />
    </div>
  );
}
