import { useState } from 'react';
import { useNow } from '../../../components/display/clock.ts';
import { cx } from '../../../components/cx.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { readSize } from '../draft/sizes.ts';
import type { Job } from '../draft/types.ts';
import { resultTexts } from './texts.ts';
import { usePartialImage, type PartialImage } from './use-partial-image.ts';

interface UnderwayProps {
  job: Job;
  readAt: number;
  isLeaving: boolean;
}

/** The place where the picture will be, in its shape, with what happens now. */
export function Underway(props: UnderwayProps) {
  const { job } = props;
  const { width, height } = readSize(job.request.size ?? 'auto') ?? { width: 1, height: 1 };
  const isRunning = job.status === 'in_progress';
  return (
    <div
      className={cx(
        'relative grid max-h-[28rem] min-h-[9rem] place-items-center overflow-hidden rounded-medium',
        isRunning ? 'bg-ember-soft' : 'bg-sunken',
      )}
      style={{ aspectRatio: `${width} / ${height}` }}
    >
      {isRunning ? (
        <Running job={job} />
      ) : (
        <div className="relative flex flex-col items-center gap-1 p-4 text-center">
          <Waiting {...props} />
        </div>
      )}
    </div>
  );
}

function Running({ job }: { job: Job }) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  const now = useNow();
  const preview = usePartialImage(job.id);
  const words = t.withProvider({ time: format.duration(now - (job.started_at ?? now)) });
  return (
    <>
      <span
        aria-hidden
        className="absolute inset-0 animate-breathe bg-radial from-ember/30 to-transparent to-70%"
      />
      {preview === null ? (
        <p className="tabular relative p-4 text-center text-lead font-semibold">{words}</p>
      ) : (
        <>
          <Preview preview={preview} prompt={job.request.prompt} />
          <p
            className="tabular absolute bottom-2 left-2 rounded-small bg-surface/90 px-2 py-1
              text-small font-semibold"
          >
            {words}
          </p>
        </>
      )}
    </>
  );
}

/** What the provider has sent so far. The one before stays until the next is there. */
function Preview({ preview, prompt }: { preview: PartialImage; prompt: string }) {
  const t = useTexts(resultTexts);
  const [shown, setShown] = useState<string | null>(null);
  const className = 'absolute inset-0 size-full object-contain transition-opacity duration-300';
  return (
    <>
      {shown !== null && shown !== preview.address && (
        <img src={shown} alt="" className={className} />
      )}
      <img
        key={preview.address}
        src={preview.address}
        alt={t.preview({ count: preview.count, prompt })}
        onLoad={() => setShown(preview.address)}
        className={cx(className, shown !== preview.address && 'opacity-0')}
      />
    </>
  );
}

function Waiting({ job, readAt, isLeaving }: UnderwayProps) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  const now = useNow();
  if (isLeaving) return <p className="text-lead font-semibold">{t.cancelling}</p>;
  const { queue } = job;
  if (queue === null) return <p className="text-lead font-semibold">{t.startsSoon}</p>;
  const left =
    queue.starts_in_seconds === null ? null : queue.starts_in_seconds - Math.max(0, now - readAt);
  const reason = reasonOf();
  return (
    <>
      <p className="tabular text-lead font-semibold">
        {left === null
          ? t.startsWhenResumed
          : left < 1
            ? t.startsSoon
            : t.startsIn({ time: format.duration(left) })}
      </p>
      <p className="text-small text-muted">
        {queue.position === 0 ? t.next : t.before(queue.position)}
      </p>
      {reason !== null && <p className="max-w-[22rem] text-small text-warn">{reason}</p>}
    </>
  );

  function reasonOf(): string | null {
    if (queue === null) return null;
    const { reason: why, until, because } = queue;
    const words = because?.message ?? null;
    switch (why) {
      case 'blocked':
        return until === null ? words : t.reasonBlocked({ time: format.time(until) });
      case 'pool_paused':
      case 'deployment_paused':
      case 'model_paused':
        return queue.starts_in_seconds === null && because === null
          ? t.reasonStopped
          : [t.reasonPaused, words].filter(Boolean).join(' ');
      case 'refused':
      case 'retry':
        return [t.reasonRefused, words].filter(Boolean).join(' ');
      case 'store_away':
      case 'spool_full':
        return t.reasonStore;
      case 'priority':
        return t.reasonPriority;
      case 'not_served':
        return t.reasonUnserved;
      case 'batch_paused':
      case 'pace':
        return null;
    }
  }
}
