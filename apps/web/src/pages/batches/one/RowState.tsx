import type { LucideIcon } from 'lucide-react';
import { Ban, CircleAlert, CircleCheck, Clock, Hand, Hourglass, LoaderCircle } from 'lucide-react';
import { Badge, type Tone } from '../../../components/display/Badge.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { statusTexts } from '../../../words/texts.ts';
import type { BatchRow } from '../api.ts';
import { rowTexts } from './texts.ts';

export const rowLooks: Readonly<Record<BatchRow['status'], { tone: Tone; icon: LucideIcon }>> = {
  waiting: { tone: 'neutral', icon: Hourglass },
  queued: { tone: 'neutral', icon: Hourglass },
  in_progress: { tone: 'ember', icon: LoaderCircle },
  held: { tone: 'warn', icon: Hand },
  succeeded: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleAlert },
  cancelled: { tone: 'neutral', icon: Ban },
  expired: { tone: 'warn', icon: Clock },
  invalid: { tone: 'bad', icon: CircleAlert },
};

/** How a row is, in the words of people. */
export function RowState({ status }: { status: BatchRow['status'] }) {
  const t = useRowStateTexts();
  const { tone, icon } = rowLooks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {t[status]}
    </Badge>
  );
}

/** The states of jobs, and those of rows that have none. */
export function useRowStateTexts(): Readonly<Record<BatchRow['status'], string>> {
  const { waiting, invalid } = useTexts(rowTexts);
  return { ...useTexts(statusTexts), waiting, invalid };
}
