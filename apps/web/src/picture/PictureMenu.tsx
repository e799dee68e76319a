import { useNavigate } from '@tanstack/react-router';
import {
  Copy,
  Download,
  Ellipsis,
  ExternalLink,
  ImagePlus,
  Link2,
  Pencil,
  ReceiptText,
  RotateCw,
  Trash2,
  WandSparkles,
} from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { address, download } from '../api/client.ts';
import { sendNewJob } from '../api/new-job.ts';
import { IconButton } from '../components/controls/IconButton.tsx';
import { Menu, type MenuItem } from '../components/overlays/Menu.tsx';
import { copyAs, languages } from '../requests/copy-as.ts';
import { requestOfJob } from '../requests/request-of-job.ts';
import type { Job } from '../requests/types.ts';
import { useTexts } from '../texts/i18n.ts';
import { showProblem, showToast } from '../undo/toasts.ts';
import { marksTexts } from './marks/texts.ts';
import { idOf } from './picture-id.ts';
import { pictureTexts } from './texts.ts';
import type { JobImage } from './use-picture.ts';

const FinalsDialog = lazy(() => import('../finals/FinalsDialog.tsx'));

export interface PictureMenuProps {
  job: Job;
  image: JobImage;
  /** Address of what is shown. */
  place: string;
  onTrash: () => void;
}

/** What can be made of a picture: a source, a changed request, the same again, code. */
export function PictureMenu({ job, image, place, onTrash }: PictureMenuProps) {
  const t = useTexts(pictureTexts);
  const { trash } = useTexts(marksTexts);
  const [makesFinal, setMakesFinal] = useState(false);
  const navigate = useNavigate();
  const picture = { jobId: job.id, index: image.index };

  async function attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      showProblem(error instanceof Error ? error.message : String(error));
    }
  }
  async function useAsSource(): Promise<void> {
    const { addAsSource } = await import('../pages/create/hand-over.ts');
    await addAsSource(picture, image.format);
    showToast(t.isSource);
    await navigate({ to: '/' });
  }
  async function changeAndRun(): Promise<void> {
    const { layIntoForm } = await import('../pages/create/hand-over.ts');
    layIntoForm(job);
    await navigate({ to: '/' });
  }
  async function runAgain(): Promise<void> {
    const made = await sendNewJob(requestOfJob(job));
    await navigate({ to: '/', search: { job: made.id } });
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
    { label: t.makeFinal, icon: WandSparkles, onSelect: () => setMakesFinal(true) },
    { label: t.useAsSource, icon: ImagePlus, onSelect: () => void attempt(useAsSource) },
    { label: t.changeAndRun, icon: Pencil, onSelect: () => void attempt(changeAndRun) },
    { label: t.sameAgain, icon: RotateCw, onSelect: () => void attempt(runAgain) },
    ...languages.map((language, index) => ({
      label: t.copyAs({ language: language === 'CSV' ? t.csvRow : language }),
      icon: Copy,
      startsGroup: index === 0,
      onSelect: () => void copy(copyAs(language, requestOfJob(job))),
    })),
    {
      label: t.copyLink,
      icon: Link2,
      onSelect: () => void copy(address(`gallery/${idOf(picture)}`)),
    },
    {
      label: t.download,
      icon: Download,
      startsGroup: true,
      onSelect: () => download(`${place}?download=1`),
    },
    {
      label: t.openOriginal,
      icon: ExternalLink,
      onSelect: () => void window.open(place, '_blank', 'noreferrer'),
    },
    {
      label: t.openJob,
      icon: ReceiptText,
      onSelect: () => void navigate({ to: '/activity/jobs/$jobId', params: { jobId: job.id } }),
    },
    { label: trash, icon: Trash2, startsGroup: true, isDangerous: true, onSelect: onTrash },
  ];
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label={t.more} />} items={items} />
      <Suspense>
        {makesFinal && <FinalsDialog of={picture} onClose={() => setMakesFinal(false)} />}
      </Suspense>
    </>
  );
}
