import { useStore } from '@nanostores/react';
import { useEffect, useRef } from 'react';
import { cx } from '../../../components/cx.ts';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { useIsLeaving } from '../../../undo/do-later.ts';
import type { Job } from '../draft/types.ts';
import { CardActions } from './CardActions.tsx';
import { CardDetails } from './CardDetails.tsx';
import { CardLine } from './CardLine.tsx';
import { Failure } from './Failure.tsx';
import { ResultPictures } from './ResultPictures.tsx';
import { resultTexts } from './texts.ts';
import { Underway } from './Underway.tsx';
import { useJob } from './use-job.ts';
import { recentJobs } from './recent-jobs.ts';

/** One job: its state, its pictures, and what can be done with them. */
export default function ResultCard({ id, isLinked }: { id: string; isLinked: boolean }) {
  const t = useTexts(resultTexts);
  const { job, readAt, isGone } = useJob(id);
  const isLeaving = useIsLeaving(id);
  const element = useRef<HTMLLIElement>(null);
  const recent = useStore(recentJobs);
  const isOnlyLinked = isLinked && !recent.includes(id);
  useEffect(() => {
    if (isLinked) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isLinked]);
  // A deleted job of the list is simply not there; a link that leads to one says so.
  if (isGone && !isOnlyLinked) return null;
  return (
    <li
      ref={element}
      aria-label={job === null ? undefined : t.card({ prompt: job.request.prompt.slice(0, 80) })}
      data-item
      data-job={id}
      data-status={job?.status}
      className={cx(
        'flex min-w-0 animate-fade flex-col gap-3 rounded-large border bg-surface p-3 transition-opacity',
        isLinked ? 'border-ember' : 'border-line',
        isLeaving && 'opacity-50',
      )}
    >
      {isGone ? (
        <p className="p-3 text-muted">{t.gone}</p>
      ) : job === null ? (
        <Skeleton className="aspect-square w-full rounded-medium" />
      ) : (
        <Content job={job} readAt={readAt} isLeaving={isLeaving} />
      )}
    </li>
  );
}

function Content({ job, readAt, isLeaving }: { job: Job; readAt: number; isLeaving: boolean }) {
  return (
    <>
      <Stage job={job} readAt={readAt} isLeaving={isLeaving} />
      <p className="line-clamp-2 px-1 text-small break-words" title={job.request.prompt}>
        {job.request.prompt}
      </p>
      <CardLine job={job} isLeaving={isLeaving} />
      <CardActions job={job} isLeaving={isLeaving} />
      {job.attempts.made > 0 && <CardDetails job={job} />}
    </>
  );
}

function Stage({ job, readAt, isLeaving }: { job: Job; readAt: number; isLeaving: boolean }) {
  switch (job.status) {
    case 'queued':
    case 'in_progress':
      return <Underway job={job} readAt={readAt} isLeaving={isLeaving} />;
    case 'succeeded':
      return <ResultPictures job={job} />;
    case 'failed':
    case 'held':
    case 'cancelled':
    case 'expired':
      return <Failure job={job} />;
  }
}
