import { Progress } from '../../components/display/Progress.tsx';
import { Countdown } from '../../components/display/Time.tsx';
import { useFormat } from '../../texts/format.ts';
import { useTexts } from '../../texts/i18n.ts';
import { hasEnded, progressOf, type Batch } from './api.ts';
import { stateTexts } from './texts.ts';

/** How far a batch is: what has a picture, and behind it what failed. */
export function BatchBar({ batch, name }: { batch: Batch; name: string }) {
  const t = useTexts(stateTexts);
  const { number } = useFormat();
  const { ended, total, doneShare, failedShare } = progressOf(batch);
  return (
    <Progress
      share={batch.status === 'validating' ? null : doneShare}
      failedShare={failedShare}
      label={name}
      valueText={t.progress({ ended: number(ended), total: number(total) })}
    />
  );
}

/** When it should be done, counting down; nothing when it has ended or cannot be known. */
export function BatchEta({ batch, readAtMs }: { batch: Batch; readAtMs: number }) {
  const t = useTexts(stateTexts);
  const { eta_seconds: eta } = batch;
  if (eta === null || hasEnded(batch) || batch.paused_at !== null) return null;
  return (
    <>
      {t.countdown} <Countdown until={readAtMs / 1_000 + eta} />
    </>
  );
}
