import type { LucideIcon } from 'lucide-react';
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CirclePause,
  Clock,
  FileSearch,
  LoaderCircle,
} from 'lucide-react';
import { Badge, type Tone } from '../../components/display/Badge.tsx';
import { useTexts } from '../../texts/i18n.ts';
import type { Batch } from './api.ts';
import { stateTexts } from './texts.ts';

type State = keyof ReturnType<(typeof stateTexts)['get']>;

const looks: Readonly<Record<State, { tone: Tone; icon: LucideIcon }>> = {
  reading: { tone: 'ember', icon: FileSearch },
  working: { tone: 'ember', icon: LoaderCircle },
  paused: { tone: 'warn', icon: CirclePause },
  finishing: { tone: 'ember', icon: LoaderCircle },
  done: { tone: 'good', icon: CircleCheck },
  doneWithFailures: { tone: 'warn', icon: CircleAlert },
  refused: { tone: 'bad', icon: CircleAlert },
  stopped: { tone: 'bad', icon: CircleAlert },
  late: { tone: 'warn', icon: Clock },
  cancelling: { tone: 'neutral', icon: Ban },
  cancelled: { tone: 'neutral', icon: Ban },
};

function stateOf(batch: Batch): State {
  switch (batch.status) {
    case 'validating':
      return batch.paused_at === null ? 'reading' : 'paused';
    case 'in_progress':
      return batch.paused_at === null ? 'working' : 'paused';
    case 'finalizing':
      return 'finishing';
    case 'completed':
      return batch.request_counts.failed > 0 ? 'doneWithFailures' : 'done';
    case 'failed':
      return batch.errors?.data[0]?.code === 'run_failed' ? 'stopped' : 'refused';
    case 'expired':
      return 'late';
    case 'cancelling':
      return 'cancelling';
    case 'cancelled':
      return 'cancelled';
  }
}

/** How a batch is, in the words of people. */
export function BatchState({ batch }: { batch: Batch }) {
  const t = useTexts(stateTexts);
  const state = stateOf(batch);
  const { tone, icon } = looks[state];
  return (
    <Badge tone={tone} icon={icon}>
      {t[state]}
    </Badge>
  );
}
