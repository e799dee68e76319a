import { Star } from 'lucide-react';
import { address } from '../../../api/client.ts';
import type { GalleryImage } from '../../../api/images.ts';
import { cx } from '../../../components/cx.ts';
import { Picture } from '../../../components/display/Picture.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { pickTexts } from './texts.ts';

/** Pictures on each side of the current one; more would not fit a wide window. */
const around = 12;

export interface FilmStripProps {
  pictures: readonly GalleryImage[];
  at: number;
  onGo: (to: number) => void;
}

/** The pictures beside the one that is shown, with the marks they have. */
export function FilmStrip({ pictures, at, onGo }: FilmStripProps) {
  const t = useTexts(pickTexts);
  const { number, list } = useFormat();
  const places = Array.from({ length: 2 * around + 1 }, (_, index) => at - around + index);
  return (
    <ul
      aria-label={t.strip}
      className="flex h-[4.5rem] justify-center gap-1 overflow-hidden border-t border-line p-1"
    >
      {places.map((place) => {
        const picture = pictures[place];
        if (picture === undefined)
          return <li key={place} aria-hidden className="w-[3.75rem] shrink-0" />;
        const { rating, starred } = picture;
        const marks = [
          ...(starred ? [t.isPicked] : []),
          ...(rating === null ? [] : [t.rated({ rating: number(rating) })]),
        ];
        const label = { number: number(place + 1), marks: list(marks) };
        return (
          <li key={place} className="relative w-[3.75rem] shrink-0">
            <button
              type="button"
              tabIndex={place === at ? 0 : -1}
              aria-current={place === at || undefined}
              aria-label={marks.length === 0 ? t.show(label) : t.showMarked(label)}
              onClick={() => onGo(place)}
              className={cx(
                'block rounded-medium',
                place === at && 'outline-2 -outline-offset-2 outline-ember',
              )}
            >
              <Picture
                src={address(picture.thumbnail_url ?? picture.url)}
                alt=""
                width={1}
                height={1}
                thumbhash={picture.thumbhash}
                className={cx('w-[3.75rem]', place !== at && 'opacity-75')}
              />
            </button>
            {(rating !== null || starred) && (
              <span
                aria-hidden
                className="tabular pointer-events-none absolute right-1 bottom-1 flex items-center
                  gap-1 rounded-small bg-surface px-1 text-small font-semibold"
              >
                {rating}
                {starred && <Star className="size-[0.75rem] fill-ember text-ember" />}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
