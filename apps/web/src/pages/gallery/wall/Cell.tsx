import { Check, Star } from 'lucide-react';
import { memo, type MouseEvent } from 'react';
import { address } from '../../../api/client.ts';
import type { GalleryImage } from '../../../api/images.ts';
import { cx } from '../../../components/cx.ts';
import { Thumbnail } from '../../../components/display/Thumbnail.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { wallTexts } from './texts.ts';

export interface CellProps {
  image: GalleryImage | undefined;
  isChosen: boolean;
  /** Something is chosen, so that a click chooses too. */
  isPicking: boolean;
  /** It is on its way into the trash, or out of it. */
  isLeaving: boolean;
  onClick: (event: MouseEvent<HTMLElement>) => void;
}

/** A picture in its square, in its own shape: all of it can be judged. */
export const Cell = memo(function Cell(props: CellProps) {
  const { image, isChosen, isPicking, isLeaving, onClick } = props;
  const t = useTexts(wallTexts);
  if (image === undefined) return <span className="block size-full rounded-medium bg-sunken" />;
  const { id, prompt, width, height, rating, starred } = image;
  return (
    <div
      className={cx(
        'group relative grid size-full place-items-center rounded-medium transition-[padding]',
        isChosen && 'bg-ember-soft p-2 outline-2 -outline-offset-2 outline-ember',
        isLeaving && 'opacity-30',
      )}
    >
      <a
        href={address(`gallery/${id}`)}
        onClick={onClick}
        aria-label={t.pictureOf({ prompt, marks: marksOf() })}
        title={prompt}
        className="relative block max-h-full max-w-full overflow-hidden rounded-medium"
        style={{
          aspectRatio: `${width} / ${height}`,
          [width >= height ? 'width' : 'height']: '100%',
        }}
      >
        <Thumbnail src={address(image.thumbnail_url ?? image.url)} thumbhash={image.thumbhash} />
        {(rating !== null || starred) && (
          <span
            aria-hidden
            className="tabular pointer-events-none absolute right-1 bottom-1 flex items-center gap-1
              rounded-small bg-surface px-1 text-small font-semibold"
          >
            {rating}
            {starred && <Star className="size-[0.875rem] fill-ember text-ember" />}
          </span>
        )}
      </a>
      <button
        type="button"
        role="checkbox"
        aria-checked={isChosen}
        aria-label={t.choose({ prompt })}
        data-item-x
        onClick={onClick}
        className={cx(
          'absolute top-1 left-1 grid size-[1.75rem] place-items-center rounded-full transition-opacity',
          'focus-visible:opacity-100 pointer-coarse:opacity-100',
          isChosen || isPicking ? 'opacity-100' : 'opacity-0 group-hover:opacity-100',
        )}
      >
        <span
          className={cx(
            'grid size-[1.25rem] place-items-center rounded-full border',
            isChosen
              ? 'border-ember bg-ember text-on-ember'
              : 'border-edge bg-surface/80 text-transparent',
          )}
        >
          <Check aria-hidden strokeWidth={3} className="size-[0.875rem]" />
        </span>
      </button>
    </div>
  );

  function marksOf(): string {
    return [...(rating === null ? [] : [t.ratedAt({ rating })]), ...(starred ? [t.starred] : [])]
      .map((mark) => `, ${mark}`)
      .join('');
  }
});
