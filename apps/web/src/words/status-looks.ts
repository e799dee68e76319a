import type { components } from '@kiln/client/openapi';
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
import type { Tone } from '../components/display/Badge.tsx';

export interface StatusLook {
  tone: Tone;
  icon: LucideIcon;
}

/** The colour and the icon of a job's state, wherever it is shown. */
export const statusLooks: Readonly<
  Record<components['schemas']['ImageJob']['status'], StatusLook>
> = {
  queued: { tone: 'neutral', icon: Hourglass },
  in_progress: { tone: 'ember', icon: Flame },
  held: { tone: 'warn', icon: HandCoins },
  succeeded: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleAlert },
  cancelled: { tone: 'neutral', icon: Ban },
  // Unlike a cancelled job it ended against the wish of its sender, as a late batch does.
  expired: { tone: 'warn', icon: Clock },
};
