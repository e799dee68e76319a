import { Link } from '@tanstack/react-router';
import { ArrowLeft, WandSparkles } from 'lucide-react';
import { Button } from '../../../components/controls/Button.tsx';
import { Select } from '../../../components/controls/Select.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { pickTexts } from './texts.ts';

/** Which pictures count as picked: those with the star, or those with this rating or more. */
export type Picks = 'starred' | 3 | 4 | 5;

const ratings = [3, 4, 5] as const;

export interface PickHeadProps {
  batchId: string;
  title: string;
  position: string;
  count: number;
  picks: Picks;
  onPicks: (picks: Picks) => void;
  onFinals: () => void;
}

/** Where the visitor is, how many are picked, and the way to their finals. */
export function PickHead(props: PickHeadProps) {
  const { batchId, title, position, count, picks, onPicks, onFinals } = props;
  const t = useTexts(pickTexts);
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-2 py-1">
      <Link
        to="/batches/$id"
        params={{ id: batchId }}
        aria-label={t.back}
        title={t.back}
        className="grid size-(--control) place-items-center rounded-medium text-muted
          hover:bg-sunken hover:text-ink"
      >
        <ArrowLeft aria-hidden className="size-[1.125rem]" />
      </Link>
      <h1 tabIndex={-1} data-page-heading className="min-w-0 grow truncate font-semibold">
        {title}
      </h1>
      <span className="tabular text-small text-muted" data-testid="position">
        {position}
      </span>
      <span className="tabular text-small font-semibold" data-testid="picked">
        {t.picked(count)}
      </span>
      <Select
        label={t.which}
        size="small"
        className="max-w-[9rem]"
        value={String(picks)}
        onChange={(chosen) =>
          onPicks(chosen === 'starred' ? chosen : (Number(chosen) as Exclude<Picks, 'starred'>))
        }
        options={[
          { value: 'starred', label: t.thePicked },
          ...ratings.map((rating) => ({ value: String(rating), label: t.ratedAt({ rating }) })),
        ]}
      />
      <Button
        size="small"
        variant="primary"
        icon={WandSparkles}
        unavailable={count === 0 ? t.pickFirst : undefined}
        onClick={onFinals}
      >
        {count === 0 ? t.finalsOfNone : t.finals(count)}
      </Button>
    </header>
  );
}
