import { Gauge } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { Popover } from '../../../components/overlays/Popover.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { bulkTexts } from './texts.ts';

/** Five buttons, and one that takes the rating away. */
export function RatingMenu({ onRate }: { onRate: (rating: number | null) => void }) {
  const t = useTexts(bulkTexts);
  const { number } = useFormat();
  const [isOpen, setIsOpen] = useState(false);
  const choose = (rating: number | null): void => {
    setIsOpen(false);
    onRate(rating);
  };
  return (
    <Popover
      side="top"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      trigger={<IconButton icon={Gauge} label={t.rating} />}
    >
      <div role="group" aria-label={t.rating} className="flex gap-1">
        {[1, 2, 3, 4, 5].map((rating) => (
          <button
            key={rating}
            type="button"
            aria-label={t.rate({ rating: number(rating) })}
            onClick={() => choose(rating)}
            className="tabular size-(--control) rounded-medium border border-line bg-surface
              font-semibold transition hover:border-ember hover:text-ember"
          >
            {number(rating)}
          </button>
        ))}
        <Button variant="plain" onClick={() => choose(null)}>
          {t.unrate}
        </Button>
      </div>
    </Popover>
  );
}
