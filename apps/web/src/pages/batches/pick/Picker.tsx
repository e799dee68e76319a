/**
 * Picks pictures of a batch by keys: arrows move, `x` picks and goes on, `1` to `5` rate and go on.
 * A pick is the star of the picture, so it is there after a reload and in the gallery. The next
 * pictures are loaded ahead; a thousand take as long as the visitor looks at them.
 */
import { Check } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { announce } from '../../../app/announcer.tsx';
import { address } from '../../../api/client.ts';
import type { GalleryImage } from '../../../api/images.ts';
import { Button } from '../../../components/controls/Button.tsx';
import type { FinalsOf } from '../../../finals/finals-api.ts';
import { useShortcuts } from '../../../keyboard/shortcuts.ts';
import { Rating } from '../../../picture/marks/Rating.tsx';
import type { Marks } from '../../../picture/marks/marks.ts';
import { Stage } from '../../../picture/stage/Stage.tsx';
import { useStage } from '../../../picture/stage/use-stage.ts';
import { wholePicture, type Zoom } from '../../../picture/stage/zoom.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { FilmStrip } from './FilmStrip.tsx';
import { PickHead, type Picks } from './PickHead.tsx';
import { pickTexts } from './texts.ts';
import type { PickPictures } from './use-pictures.ts';

const FinalsDialog = lazy(() => import('../../../finals/FinalsDialog.tsx'));

export interface PickerProps {
  batchId: string;
  title: string;
  first: GalleryImage;
  found: PickPictures & { pictures: readonly GalleryImage[] };
}

const loadedAhead = [1, 2, 3, -1];

export function Picker({ batchId, title, first, found }: PickerProps) {
  const t = useTexts(pickTexts);
  const { number } = useFormat();
  const { pictures, mark, settled } = found;
  const [at, setAt] = useState(0);
  const [seen, setSeen] = useState<{ at: number; zoom: Zoom }>({ at: 0, zoom: wholePicture });
  const [picks, setPicks] = useState<Picks>('starred');
  const [finals, setFinals] = useState<FinalsOf | null>(null);
  const current = pictures[at] ?? first;
  const zoom = seen.at === at ? seen.zoom : wholePicture;
  const stage = useStage(current);
  const isPicked = (picture: GalleryImage): boolean =>
    picks === 'starred' ? picture.starred : (picture.rating ?? 0) >= picks;
  const count = pictures.filter(isPicked).length;

  const go = (to: number): void => setAt(Math.min(pictures.length - 1, Math.max(0, to)));
  function give(marks: Marks, goesOn: boolean): void {
    mark(current, marks);
    if (goesOn) go(at + 1);
  }
  function pick(): void {
    announce(current.starred ? t.unpick : t.isPicked);
    give({ starred: !current.starred }, !current.starred);
  }
  function openFinals(): void {
    if (count === 0) return;
    const select = picks === 'starred' ? { starred: true as const } : { rating_min: picks };
    void settled().then(() => setFinals({ batchId, select }));
  }
  useShortcuts([
    { keys: 'ArrowLeft', label: t.previous, run: () => go(at - 1) },
    { keys: 'ArrowRight', label: t.next, run: () => go(at + 1) },
    { keys: 'Home', label: t.first, run: () => go(0) },
    { keys: 'End', label: t.last, run: () => go(pictures.length - 1) },
    { keys: 'x', label: current.starred ? t.unpick : t.pick, run: pick },
    { keys: 'f', label: current.starred ? t.unpick : t.pick, run: pick },
    ...[1, 2, 3, 4, 5].map((rating) => ({
      keys: String(rating),
      label: t.rateAndGo({ count: rating }),
      run: () => give({ rating }, true),
    })),
    { keys: '0', label: t.clear, run: () => give({ rating: null }, false) },
    { keys: 'm', label: t.finalsOfNone, run: openFinals },
  ]);
  useEffect(() => {
    for (const step of loadedAhead) {
      const beside = pictures[at + step];
      if (beside !== undefined) new Image().src = address(beside.url);
    }
  }, [at, pictures]);

  return (
    <>
      <PickHead
        batchId={batchId}
        title={title}
        position={t.position({ at: number(at + 1), total: number(pictures.length) })}
        count={count}
        picks={picks}
        onPicks={setPicks}
        onFinals={openFinals}
      />
      <div className="relative min-h-0 grow bg-sunken">
        <Stage
          shown={{
            src: address(current.url),
            alt: current.prompt,
            width: current.width,
            height: current.height,
            thumbhash: current.thumbhash,
            thumbnail: current.thumbnail_url === null ? null : address(current.thumbnail_url),
          }}
          stage={stage}
          zoom={zoom}
          onZoom={(next) => setSeen({ at, zoom: next })}
          onSweep={(step) => go(at + step)}
          className="absolute inset-0"
        />
        {current.starred && (
          <span
            className="pointer-events-none absolute top-3 right-3 inline-flex items-center gap-2
              rounded-full bg-ember px-3 py-1 font-semibold text-on-ember"
          >
            <Check aria-hidden className="size-[1rem]" />
            {t.isPicked}
          </span>
        )}
      </div>
      <div className="flex items-center gap-3 border-t border-line px-3 py-2">
        <p className="line-clamp-2 min-w-0 grow text-small text-muted">{current.prompt}</p>
        <Rating
          rating={current.rating}
          onRate={(rating) => give({ rating }, false)}
          className="max-tablet:hidden"
        />
        <Button
          size="small"
          icon={Check}
          variant={current.starred ? 'primary' : 'secondary'}
          aria-pressed={current.starred}
          onClick={pick}
        >
          {current.starred ? t.unpick : t.pick}
        </Button>
      </div>
      <FilmStrip pictures={pictures} at={at} onGo={go} />
      <Suspense>
        {finals !== null && <FinalsDialog of={finals} onClose={() => setFinals(null)} />}
      </Suspense>
    </>
  );
}
