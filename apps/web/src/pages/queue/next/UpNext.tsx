import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { actionLink } from '../../../components/display/action-link.ts';
import { Panel } from '../../../components/display/Page.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import { RunningRow, WaitingRow } from './rows.tsx';

const mostShown = 20;

/** Jobs that are with the provider, and below them those that start next, in their order. */
export function UpNext() {
  const t = useTexts(queueTexts);
  useListKeys(t.cancel);
  const queue = useQuery({
    queryKey: [...keys.queue, mostShown],
    queryFn: () => answer(client.GET('/v1/queue', { params: { query: { limit: mostShown } } })),
  });
  const running = useQuery({
    queryKey: [...keys.jobs, 'running', mostShown],
    queryFn: () =>
      answer(
        client.GET('/v1/jobs', { params: { query: { status: 'in_progress', limit: mostShown } } }),
      ),
  });
  const waiting = queue.data?.data ?? [];
  const next = waiting.find(({ status }) => status === 'queued');
  const claimed = new Set(waiting.map(({ id }) => id));
  const sent = (running.data?.data ?? []).filter(
    ({ id, started_at: startedAt }) => startedAt !== null && !claimed.has(id),
  );
  const isEmpty = queue.data !== undefined && running.data !== undefined;
  return (
    <Panel className="flex min-w-0 flex-col gap-3">
      <h2 className="text-lead font-semibold">{t.next}</h2>
      {queue.error !== null && <Notice tone="bad">{queue.error.message}</Notice>}
      {queue.isPending && (
        <div className="flex flex-col gap-3">
          <Skeleton className="h-[3rem]" />
          <Skeleton className="h-[3rem]" />
          <Skeleton className="h-[3rem]" />
        </div>
      )}
      {isEmpty && waiting.length === 0 && sent.length === 0 && <NothingWaits />}
      <ol className="flex flex-col divide-y divide-line">
        {sent.map((job) => (
          <RunningRow key={job.id} job={job} />
        ))}
        {waiting.map((entry) => (
          <WaitingRow key={entry.id} entry={entry} isNext={entry.id === next?.id} />
        ))}
      </ol>
      {queue.data?.has_more === true && (
        <p className="text-small text-muted">{t.moreWait({ count: waiting.length })}</p>
      )}
    </Panel>
  );
}

function NothingWaits() {
  const t = useTexts(queueTexts);
  return (
    <EmptyState
      icon={Hourglass}
      title={t.empty}
      action={
        <Link to="/" className={actionLink}>
          {t.toCreate}
        </Link>
      }
    >
      {t.emptyHint}
    </EmptyState>
  );
}
