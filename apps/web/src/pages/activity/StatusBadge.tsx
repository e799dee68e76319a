import {
  Ban,
  CircleAlert,
  CircleCheck,
  Clock,
  Flame,
  HandCoins,
  Hourglass,
  type LucideIcon,
} from 'lucide-react';
import { Badge, type Tone } from '../../components/display/Badge.tsx';
import { useTexts } from '../../texts/i18n.ts';
import type { Status } from './search.ts';
import { activityTexts } from './texts.ts';

const looks: Readonly<Record<Status, { tone: Tone; icon: LucideIcon }>> = {
  queued: { tone: 'neutral', icon: Hourglass },
  in_progress: { tone: 'ember', icon: Flame },
  held: { tone: 'warn', icon: HandCoins },
  succeeded: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleAlert },
  cancelled: { tone: 'neutral', icon: Ban },
  expired: { tone: 'neutral', icon: Clock },
};

/** The state of a job, in a word of people. */
export function StatusBadge({ status }: { status: Status }) {
  const texts = useStatusTexts();
  return <Badge {...looks[status]}>{texts[status]}</Badge>;
}

export function useStatusTexts(): Readonly<Record<Status, string>> {
  const t = useTexts(activityTexts);
  return {
    queued: t.queued,
    in_progress: t.inProgress,
    held: t.held,
    succeeded: t.succeeded,
    failed: t.failed,
    cancelled: t.cancelled,
    expired: t.expired,
  };
}
