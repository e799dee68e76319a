import { useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { address } from '../api/client.ts';
import { readStored, store } from '../app/stored.ts';
import { cx } from '../components/cx.ts';
import { IconButton } from '../components/controls/IconButton.tsx';
import { useShortcuts } from '../keyboard/shortcuts.ts';
import type { Job } from '../requests/types.ts';
import { useTexts } from '../texts/i18n.ts';
import { InfoPanel } from './panel/InfoPanel.tsx';
import { moveToTrash, type ImageDetails } from './marks/marks.ts';
import { marksTexts } from './marks/texts.ts';
import { TrashNotice } from './marks/TrashNotice.tsx';
import { idOf, paramsOf } from './picture-id.ts';
import { PictureBar } from './PictureBar.tsx';
import { Stage } from './stage/Stage.tsx';
import { useStage } from './stage/use-stage.ts';
import { wholePicture, type Zoom } from './stage/zoom.ts';
import { pictureTexts } from './texts.ts';
import { useNeighbours } from './use-neighbours.ts';
import type { JobImage } from './use-picture.ts';

const panelKey = 'kiln-picture-panel';
/** The panel stands beside the picture from here on; below it covers the lower half. */
const isWide = '(width >= 64rem)';

export interface ViewerProps {
  job: Job;
  image: JobImage;
  /** Undefined until they are read. */
  details: ImageDetails | undefined;
}

/** A picture on its stage, what can be done with it above, and what is known about it beside. */
export function Viewer({ job, image, details }: ViewerProps) {
  const t = useTexts(pictureTexts);
  const { trash } = useTexts(marksTexts);
  const navigate = useNavigate();
  const id = idOf({ jobId: job.id, index: image.index });
  const stage = useStage(image);
  const [seen, setSeen] = useState<{ id: string; zoom: Zoom }>({ id, zoom: wholePicture });
  const zoom = seen.id === id ? seen.zoom : wholePicture;
  const setZoom = (next: Zoom): void => setSeen({ id, zoom: next });
  const [showsKept, setShowsKept] = useState(true);
  const [hasPanel, setHasPanel] = useState(
    () => matchMedia(isWide).matches && readStored(panelKey) !== 'hidden',
  );
  const { previous, next } = useNeighbours(id, job.images.length);
  const isKept = image.composite !== null && showsKept;
  const place = address(`v1/jobs/${id.replace('/', '/images/')}${isKept ? '/composite' : ''}`);

  function togglePanel(): void {
    if (matchMedia(isWide).matches) store(panelKey, hasPanel ? 'hidden' : null);
    setHasPanel(!hasPanel);
  }
  function go(to: string | null | undefined): void {
    if (to === null || to === undefined) return;
    void navigate({
      to: '/gallery/$jobId/$index',
      params: paramsOf(to),
      search: (now) => now,
      replace: true,
    });
  }
  function remove(): void {
    void moveToTrash(id);
    go(next ?? previous);
  }
  useShortcuts([
    { keys: 'ArrowLeft', label: t.previous, run: () => go(previous) },
    { keys: 'ArrowRight', label: t.next, run: () => go(next) },
    { keys: 'i', label: hasPanel ? t.hidePanel : t.showPanel, run: togglePanel },
    { keys: 'Delete', label: trash, run: remove },
  ]);

  return (
    <>
      <PictureBar
        job={job}
        image={image}
        details={details}
        onTrash={remove}
        place={place}
        sizes={stage.sizes}
        zoom={zoom}
        onZoom={setZoom}
        kept={image.composite === null ? null : { isShown: showsKept, onChange: setShowsKept }}
        hasPanel={hasPanel}
        onPanel={togglePanel}
      />
      <div className="relative flex min-h-0 grow">
        <div className="relative min-w-0 grow bg-sunken">
          <Stage
            shown={{
              src: place,
              alt: t.picture({ prompt: job.request.prompt.slice(0, 200) }),
              width: image.width,
              height: image.height,
              thumbhash: image.thumbhash,
              thumbnail: image.thumbnail_url === null ? null : address(image.thumbnail_url),
            }}
            stage={stage}
            zoom={zoom}
            onZoom={setZoom}
            onSweep={(step) => go(step === 1 ? next : previous)}
            className="absolute inset-0"
          />
          {typeof details?.trashed_at === 'number' && <TrashNotice id={id} />}
          <Step
            icon={ChevronLeft}
            label={t.previous}
            keys="ArrowLeft"
            to={previous}
            onClick={go}
            className="left-2"
          />
          <Step
            icon={ChevronRight}
            label={t.next}
            keys="ArrowRight"
            to={next}
            onClick={go}
            className="right-2"
          />
        </div>
        {hasPanel && <InfoPanel job={job} image={image} details={details} />}
      </div>
    </>
  );
}

interface StepProps {
  icon: LucideIcon;
  label: string;
  keys: string;
  to: string | null | undefined;
  onClick: (to: string) => void;
  className: string;
}

/** A step to the picture beside it, at the edge of the stage. */
function Step({ to, onClick, className, ...button }: StepProps) {
  if (to === null || to === undefined) return null;
  return (
    <span className={cx('absolute inset-y-0 my-auto h-fit', className)}>
      <IconButton
        {...button}
        onClick={() => onClick(to)}
        className="bg-surface/85 max-tablet:hidden"
      />
    </span>
  );
}
