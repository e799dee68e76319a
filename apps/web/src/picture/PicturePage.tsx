import { useParams } from '@tanstack/react-router';
import { ImageOff } from 'lucide-react';
import { useEffect } from 'react';
import { EmptyState } from '../components/display/EmptyState.tsx';
import { Notice } from '../components/display/Notice.tsx';
import { useTexts } from '../texts/i18n.ts';
import { BackButton } from './BackButton.tsx';
import { pictureTexts } from './texts.ts';
import { usePicture } from './use-picture.ts';
import { Viewer } from './Viewer.tsx';

/** One picture of a job over the whole page; the wall that it came from is one step back. */
export function PicturePage() {
  const t = useTexts(pictureTexts);
  const { jobId, index } = useParams({ from: '/gallery/$jobId/$index' });
  const { job, image, details, isGone, problem } = usePicture({ jobId, index: Number(index) });
  useEffect(() => {
    document.title = `${t.title} · Kiln`;
  }, [t]);
  return (
    <div
      className="fixed inset-x-0 top-0 bottom-(--tab-bar) z-10 flex flex-col bg-ground
        desktop:bottom-0 desktop:left-(--navigation)"
    >
      {job !== undefined && image !== undefined ? (
        <Viewer job={job} image={image} details={details} />
      ) : (
        <>
          <header className="flex items-center gap-2 p-2">
            <BackButton />
            <h1 tabIndex={-1} data-page-heading className="font-semibold">
              {t.title}
            </h1>
          </header>
          {isGone ? (
            <EmptyState icon={ImageOff} title={t.gone}>
              {t.goneHint}
            </EmptyState>
          ) : (
            problem !== null && (
              <div className="p-4">
                <Notice tone="bad" title={t.unread}>
                  {problem}
                </Notice>
              </div>
            )
          )}
        </>
      )}
    </div>
  );
}
