import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { Page, Panel } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { StatusBadge } from '../StatusBadge.tsx';
import type { Job } from '../types.ts';
import { JobActions } from './JobActions.tsx';
import { JobEvents } from './JobEvents.tsx';
import { JobFacts } from './JobFacts.tsx';
import { JobNotices } from './JobNotices.tsx';
import { Ledger } from './Ledger.tsx';
import { Pictures } from './Pictures.tsx';
import { jobTexts } from './texts.ts';

/** One job: its pictures, what was asked for and got, every call with its cost, and its events. */
export function JobPage() {
  const t = useTexts(jobTexts);
  const { jobId: id } = useParams({ from: '/activity/jobs/$jobId' });
  const { data: job, error } = useQuery({
    queryKey: keys.job(id),
    queryFn: () => answer(client.GET('/v1/jobs/{id}', { params: { path: { id } } })),
  });
  return (
    <Page
      title={t.title}
      lead={
        <Link
          to="/activity"
          className="inline-flex items-center gap-1 font-semibold hover:text-ember"
        >
          <ArrowLeft aria-hidden className="size-[1rem]" />
          {t.back}
        </Link>
      }
      actions={job === undefined ? undefined : <JobActions job={job} />}
    >
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {job === undefined ? (
        error === null && <Skeleton className="h-[24rem] rounded-large" />
      ) : (
        <JobContent job={job} />
      )}
    </Page>
  );
}

function JobContent({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  return (
    <div className="grid items-start gap-5 desktop:grid-cols-[minmax(0,1fr)_minmax(20rem,24rem)]">
      <div className="flex min-w-0 flex-col gap-5">
        <Pictures job={job} />
        <Panel className="flex flex-col gap-3">
          <div className="flex items-center justify-between gap-3">
            <h2 className="font-semibold">{t.prompt}</h2>
            <StatusBadge status={job.status} />
          </div>
          <p className="wrap-anywhere whitespace-pre-wrap">{job.request.prompt}</p>
        </Panel>
        <JobNotices job={job} />
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <Ledger job={job} />
        <JobFacts job={job} />
        <JobEvents id={job.id} />
      </div>
    </div>
  );
}
