import { Link } from '@tanstack/react-router';
import { Flame, ListStart, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cancelJob } from '../../../api/cancel-job.ts';
import { address } from '../../../api/client.ts';
import { useRunNext } from '../../../api/run-next.ts';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { cx } from '../../../components/cx.ts';
import { useNow } from '../../../components/display/clock.ts';
import { Picture } from '../../../components/display/Picture.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { runNextTexts } from '../../../words/texts.ts';
import { queueTexts } from '../texts.ts';
import type { Job, QueueEntry } from '../types.ts';
import { useWaitReason } from './wait-reasons.ts';

/** A job whose call has been sent, with its age. */
export function RunningRow({ job }: { job: Job }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  const { prompt, images, size, n = 1 } = job.request;
  return (
    <Row
      id={job.id}
      prompt={prompt}
      sourceFileId={images?.[0]?.file_id ?? null}
      facts={[job.model, size, n > 1 ? t.pictureCount(n) : undefined]}
      when={
        <span className="flex items-center gap-1 font-semibold text-ember">
          <Flame aria-hidden className="size-[0.875rem]" />
          {t.forTime({ duration: format.duration(now - (job.started_at ?? now)) })}
        </span>
      }
    />
  );
}

/** A job that waits: when it starts, or why it does not; it can run next, or be cancelled. */
export function WaitingRow({ entry, isNext }: { entry: QueueEntry; isNext: boolean }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  const isLeaving = useIsLeaving(entry.id);
  const { starts_at: startsAt, reason, because, size, n, batch_id: batchId, row } = entry;
  const reasonText = useWaitReason(reason);

  function startText(): string {
    if (entry.status === 'in_progress') return t.aboutToStart;
    if (startsAt === null) return reasonText;
    const duration = format.duration(startsAt - now);
    return startsAt - now < 1 ? t.aboutToStart : t.startsIn({ duration });
  }

  const place = batchId === null ? undefined : row === null ? t.ofBatch : t.row({ row });
  const isHeldUp = startsAt !== null && !['pace', 'priority'].includes(reason);
  const words = because?.message ?? null;
  return (
    <Row
      id={entry.id}
      prompt={entry.prompt}
      sourceFileId={entry.source_file_id}
      facts={[entry.model, size, n > 1 ? t.pictureCount(n) : undefined, place]}
      note={isHeldUp ? reasonText : undefined}
      words={words === null ? undefined : t.because({ message: words })}
      when={isLeaving ? t.cancelling : startText()}
      isLeaving={isLeaving}
      action={
        <span className="flex shrink-0">
          <RunNext entry={entry} isNext={isNext} isLeaving={isLeaving} />
          <IconButton
            data-item-x
            icon={X}
            size="small"
            label={t.cancel}
            unavailable={isLeaving ? t.cancelling : undefined}
            onClick={() =>
              doLater({
                key: entry.id,
                text: t.cancelled({ prompt: entry.prompt.slice(0, 60) }),
                act: () => cancelJob(entry.id),
              })
            }
          />
        </span>
      }
    />
  );
}

interface RunNextProps {
  entry: QueueEntry;
  isNext: boolean;
  isLeaving: boolean;
}

function RunNext({ entry, isNext, isLeaving }: RunNextProps) {
  const t = useTexts(runNextTexts);
  const { cancelling } = useTexts(queueTexts);
  const { runNext } = useRunNext(entry);
  const startsNow = entry.status === 'in_progress' ? t.startsNow : undefined;
  const cannot = isLeaving ? cancelling : (startsNow ?? (isNext ? t.isNext : undefined));
  return (
    <IconButton
      icon={ListStart}
      size="small"
      label={t.runNext}
      unavailable={cannot}
      onClick={runNext}
    />
  );
}

interface RowProps {
  id: string;
  prompt: string;
  sourceFileId: string | null;
  facts: readonly (string | null | undefined)[];
  note?: string | undefined;
  words?: string | undefined;
  when: ReactNode;
  isLeaving?: boolean;
  action?: ReactNode;
}

function Row(props: RowProps) {
  const { id, prompt, sourceFileId, facts, note, words, when, isLeaving = false, action } = props;
  const known = facts.filter((fact) => fact !== null && fact !== undefined && fact !== 'auto');
  return (
    <li data-item className="flex min-h-[3.75rem] items-center gap-3 py-2">
      {sourceFileId !== null && (
        <Picture
          src={address(`v1/files/${sourceFileId}/content`)}
          alt=""
          width={1}
          height={1}
          className="w-[2.75rem] shrink-0"
        />
      )}
      <div className={cx('flex min-w-0 grow flex-col', isLeaving && 'opacity-50')}>
        <Link
          to="/activity/jobs/$jobId"
          params={{ jobId: id }}
          className={cx('truncate font-semibold hover:text-ember', isLeaving && 'line-through')}
        >
          {prompt}
        </Link>
        <p className="flex flex-wrap gap-x-2 text-small text-muted">
          <span className="tabular text-ink">{when}</span>
          {known.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        {note !== undefined && <p className="text-small text-warn">{note}</p>}
        {words !== undefined && <p className="line-clamp-2 text-small text-muted">{words}</p>}
      </div>
      {action}
    </li>
  );
}
