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
import { statusTexts } from '../../words/texts.ts';
import type { Status } from './search.ts';

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
  const t = useTexts(statusTexts);
  return <Badge {...looks[status]}>{t[status]}</Badge>;
}
