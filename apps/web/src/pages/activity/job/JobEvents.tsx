import { useQuery } from '@tanstack/react-query';
import { readJobEvents } from '../../../api/job-events.ts';
import { keys } from '../../../api/keys.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useEventText } from '../events/event-words.ts';
import { jobTexts } from './texts.ts';

/** The stored events of a job, oldest first. */
export function JobEvents({ id }: { id: string }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const textOf = useEventText();
  const { data: events, error } = useQuery({
    queryKey: [...keys.job(id), 'events'],
    queryFn: () => readJobEvents(id),
  });
  if (error === null && (events === undefined || events.length === 0)) return null;
  return (
    <Panel className="flex flex-col gap-3">
      <h2 className="font-semibold">{t.happened}</h2>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      <ol className="flex flex-col gap-2 text-small">
        {events?.map((event) => (
          <li key={event.id} className="flex justify-between gap-3">
            <span title={event.type}>{textOf(event)}</span>
            <time
              dateTime={new Date(event.created_at * 1_000).toISOString()}
              className="tabular shrink-0 text-muted"
            >
              {format.fullTime(event.created_at)}
            </time>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
