import { Progress } from '../../components/display/Progress.tsx';
import { useNow } from '../../components/display/clock.ts';
import { useFormat } from '../../texts/format.ts';
import { useTexts } from '../../texts/i18n.ts';
import { progressOf, type Batch } from './api.ts';
import { barTexts } from './texts.ts';

/** How far a batch is: what has a picture, and behind it what failed. */
export function BatchBar({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(barTexts);
  const { number } = useFormat();
  const { ended, total, doneShare, failedShare } = progressOf(batch);
  return (
    <Progress
      share={batch.status === 'validating' && batch.paused_at === null ? null : doneShare}
      failedShare={failedShare}
      label={name}
      valueText={t.progress({ ended: number(ended), total: number(total) })}
    />
  );
}

/** When it should be done: a range where it is one, counting down. */
export function BatchEta({ range }: { range: NonNullable<Batch['finishes_at']> }) {
  const t = useTexts(barTexts);
  const { duration } = useFormat();
  const now = useNow();
  const from = Math.max(0, range.earliest - now);
  const to = Math.max(0, range.latest - now);
  if (to < 1) return t.anyMoment;
  if (from < 1) return t.within({ to: duration(to) });
  // A second more or less says nothing to a person who waits for an hour.
  return to - from < Math.max(2, to / 20)
    ? t.inAbout({ time: duration(to) })
    : t.between({ from: duration(from), to: duration(to) });
}
