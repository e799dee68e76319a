import { Link } from '@tanstack/react-router';
import { address } from '../../../api/client.ts';
import { Picture } from '../../../components/display/Picture.tsx';
import { RelativeTime } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { StatusBadge } from '../StatusBadge.tsx';
import { activityTexts } from '../texts.ts';
import type { Job } from '../types.ts';

/** A job in a line: its picture, its words, its state and its cost. All of it is one link. */
export function JobRow({ job }: { job: Job }) {
  const t = useTexts(activityTexts);
  const format = useFormat();
  const { request, cost, images, error } = job;
  const money = cost.actual ?? cost.estimated;
  const picture = job.results_deleted_at === null ? images[0] : undefined;
  const price = (
    <span className="tabular font-semibold text-ink">
      {money === null ? '–' : `${cost.actual === null ? '≈ ' : ''}${format.money(money)}`}
    </span>
  );
  const atRisk = (
    <span className="tabular text-warn">{t.atRisk({ money: format.money(cost.at_risk) })}</span>
  );
  return (
    <li data-item>
      <Link
        to="/activity/jobs/$jobId"
        params={{ jobId: job.id }}
        className="flex items-center gap-4 px-4 py-3 transition hover:bg-sunken"
      >
        {picture === undefined ? (
          <span aria-hidden className="size-[3.25rem] shrink-0 rounded-medium bg-sunken" />
        ) : (
          <Picture
            src={address(picture.thumbnail_url ?? picture.url)}
            alt=""
            width={1}
            height={1}
            thumbhash={picture.thumbhash}
            className="w-[3.25rem] shrink-0"
          />
        )}
        <span className="flex min-w-0 grow flex-col gap-1">
          <span className="truncate font-semibold">{request.prompt}</span>
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-muted">
            <StatusBadge status={job.status} />
            <span className="contents tablet:hidden">
              {price}
              {cost.at_risk > 0 && atRisk}
            </span>
            <span>{job.model}</span>
            {images.length > 1 && <span>{t.pictures(images.length)}</span>}
            {job.custom_id !== null && <span className="font-mono">{job.custom_id}</span>}
            {error !== null && <span className="font-mono text-bad">{error.code}</span>}
          </span>
        </span>
        <span className="hidden shrink-0 flex-col items-end gap-1 text-small tablet:flex">
          {price}
          {cost.at_risk > 0 ? (
            atRisk
          ) : (
            <span className="text-muted">
              <RelativeTime at={job.created_at} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}
