import { Star } from 'lucide-react';
import { cx } from '../../components/cx.ts';
import { useTexts } from '../../texts/i18n.ts';
import { marksTexts } from './texts.ts';

const steps = [1, 2, 3, 4, 5] as const;

export interface RatingProps {
  rating: number | null;
  onRate: (rating: number | null) => void;
  className?: string;
}

/** One to five, by pointer or keyboard; the one that is set clears it. */
export function Rating({ rating, onRate, className }: RatingProps) {
  const t = useTexts(marksTexts);
  return (
    <span role="group" aria-label={t.rating} className={cx('flex', className)}>
      {steps.map((step) => {
        const isFilled = rating !== null && step <= rating;
        return (
          <button
            key={step}
            type="button"
            aria-label={rating === step ? t.clear : t.rate({ count: step })}
            aria-pressed={rating === step}
            title={rating === step ? t.clear : t.rate({ count: step })}
            onClick={() => onRate(rating === step ? null : step)}
            className={cx(
              'grid h-(--control-small) w-[1.625rem] place-items-center rounded-small transition',
              isFilled ? 'text-ember' : 'text-edge hover:text-ink',
            )}
          >
            <Star
              aria-hidden
              className="size-[1.125rem]"
              fill={isFilled ? 'currentcolor' : 'none'}
            />
          </button>
        );
      })}
    </span>
  );
}
