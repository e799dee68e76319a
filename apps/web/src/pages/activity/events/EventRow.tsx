import { Link } from '@tanstack/react-router';
import { useFormat } from '../../../texts/format.ts';
import type { LiveEvent } from '../../../live/live-event.ts';
import { useEventText } from './event-words.ts';

/** An event: when, which, about what, and its data to open. */
export function EventRow({ event }: { event: LiveEvent }) {
  const format = useFormat();
  const textOf = useEventText();
  const { id } = event.data;
  const isJob = event.type.startsWith('job.') && event.type !== 'job.deleted';
  return (
    <li data-item className="px-4 py-2">
      <details className="group">
        <summary
          className="flex cursor-pointer list-none flex-wrap items-baseline gap-x-4 gap-y-1
            [&::-webkit-details-marker]:hidden"
        >
          <time
            dateTime={new Date(event.created_at * 1_000).toISOString()}
            className="tabular text-small text-muted"
          >
            {format.fullTime(event.created_at)}
          </time>
          <span className="font-semibold">{textOf(event)}</span>
          <span className="font-mono text-small text-muted">{event.type}</span>
          {!isJob && <span className="min-w-0 truncate font-mono text-small text-muted">{id}</span>}
        </summary>
        <pre className="mt-2 rounded-small bg-sunken p-3 font-mono text-small wrap-anywhere whitespace-pre-wrap">
          {JSON.stringify(event.data, null, 2)}
        </pre>
      </details>
      {isJob && (
        <Link
          to="/activity/jobs/$jobId"
          params={{ jobId: id }}
          className="block truncate font-mono text-small text-muted hover:text-ember"
        >
          {id}
        </Link>
      )}
    </li>
  );
}
