import { Download, Info, Layers2, Scan, ZoomIn, ZoomOut } from 'lucide-react';
import { download } from '../api/client.ts';
import { IconButton } from '../components/controls/IconButton.tsx';
import { useShortcuts } from '../keyboard/shortcuts.ts';
import type { Job } from '../requests/types.ts';
import { useFormat } from '../texts/format.ts';
import { useTexts } from '../texts/i18n.ts';
import { BackButton } from './BackButton.tsx';
import type { ImageDetails } from './marks/marks.ts';
import { MarkButtons } from './marks/MarkButtons.tsx';
import { PictureMenu } from './PictureMenu.tsx';
import {
  scaleOf,
  toggledSharp,
  wholePicture,
  zoomedBy,
  type Sizes,
  type Zoom,
} from './stage/zoom.ts';
import { pictureTexts } from './texts.ts';
import type { JobImage } from './use-picture.ts';

export interface PictureBarProps {
  job: Job;
  image: JobImage;
  details: ImageDetails | undefined;
  onTrash: () => void;
  /** Address of what is shown. */
  place: string;
  sizes: Sizes | null;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  /** The version with the rest untouched; null where the picture has none. */
  kept: { isShown: boolean; onChange: (isShown: boolean) => void } | null;
  hasPanel: boolean;
  onPanel: () => void;
}

/** What can be done with the picture, and how large it is shown. */
export function PictureBar(props: PictureBarProps) {
  const { job, image, details, place, onTrash, kept, hasPanel, onPanel } = props;
  const t = useTexts(pictureTexts);
  return (
    <header className="flex items-center gap-1 border-b border-line px-2 py-1">
      <BackButton />
      <h1
        tabIndex={-1}
        data-page-heading
        title={job.request.prompt}
        className="min-w-0 grow truncate px-2 font-semibold"
      >
        <span className="sr-only">{t.title}: </span>
        {job.request.prompt}
      </h1>
      <div role="toolbar" aria-label={t.toolbar} className="flex items-center gap-1">
        {details !== undefined && (
          <span className="max-desktop:hidden">
            <MarkButtons image={details} />
          </span>
        )}
        <ZoomButtons {...props} />
        {kept !== null && (
          <IconButton
            icon={Layers2}
            label={kept.isShown ? t.kept : t.asMade}
            isPressed={kept.isShown}
            onClick={() => kept.onChange(!kept.isShown)}
          />
        )}
        <IconButton
          icon={Download}
          label={t.download}
          onClick={() => download(`${place}?download=1`)}
          className="max-tablet:hidden"
        />
        <PictureMenu job={job} image={image} place={place} onTrash={onTrash} />
        <IconButton
          icon={Info}
          label={hasPanel ? t.hidePanel : t.showPanel}
          keys="i"
          isPressed={hasPanel}
          aria-expanded={hasPanel}
          onClick={onPanel}
        />
      </div>
    </header>
  );
}

const step = 1.5;
const middle = { x: 0, y: 0 };

function ZoomButtons({ sizes, zoom, onZoom }: PictureBarProps) {
  const t = useTexts(pictureTexts);
  const { percent } = useFormat();
  const by = (factor: number): void => {
    if (sizes !== null) onZoom(zoomedBy(zoom, factor, middle, sizes));
  };
  const toggle = (): void => {
    if (sizes !== null) onZoom(toggledSharp(zoom, middle, sizes));
  };
  useShortcuts([
    { keys: '+', label: t.zoomIn, run: () => by(step) },
    { keys: '=', label: t.zoomIn, run: () => by(step) },
    { keys: '-', label: t.zoomOut, run: () => by(1 / step) },
    { keys: 'z', label: t.pixels, run: toggle },
    { keys: 'w', label: t.whole, run: () => onZoom(wholePicture) },
  ]);
  const share = sizes === null ? 1 : scaleOf(zoom, sizes) * sizes.ratio;
  return (
    <span className="flex items-center gap-1 max-tablet:hidden">
      <IconButton icon={ZoomOut} label={t.zoomOut} keys="-" onClick={() => by(1 / step)} />
      <button
        type="button"
        onClick={toggle}
        title={t.pixels}
        aria-label={t.pixelsHint({ percent: percent(share) })}
        className="tabular h-(--control-small) min-w-[3.25rem] rounded-small text-small
          font-semibold text-muted hover:bg-sunken hover:text-ink"
      >
        {percent(share)}
      </button>
      <IconButton icon={ZoomIn} label={t.zoomIn} keys="+" onClick={() => by(step)} />
      <IconButton icon={Scan} label={t.whole} keys="w" onClick={() => onZoom(wholePicture)} />
    </span>
  );
}
