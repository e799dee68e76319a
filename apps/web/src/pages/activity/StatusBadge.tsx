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
import { Badge } from '../../components/display/Badge.tsx';
import { useTexts } from '../../texts/i18n.ts';
import { statusTones } from '../../words/status-tones.ts';
import { statusTexts } from '../../words/texts.ts';
import type { Status } from './search.ts';

const icons: Readonly<Record<Status, LucideIcon>> = {
  queued: Hourglass,
  in_progress: Flame,
  held: HandCoins,
  succeeded: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
  expired: Clock,
};

/** The state of a job, in a word of people. */
export function StatusBadge({ status }: { status: Status }) {
  const t = useTexts(statusTexts);
  return (
    <Badge tone={statusTones[status]} icon={icons[status]}>
      {t[status]}
    </Badge>
  );
}
