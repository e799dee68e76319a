import { Link, useSearch } from '@tanstack/react-router';
import { Activity, SearchX } from 'lucide-react';
import { useAnnounceFound } from '../../../app/use-announce-found.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { actionLink } from '../../../components/display/action-link.ts';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { activityTexts } from '../texts.ts';
import { Filters } from './Filters.tsx';
import { JobRow } from './JobRow.tsx';
import { useJobs } from './use-jobs.ts';

/** Jobs, newest first, by what is searched for in the address. */
export function JobsView() {
  const t = useTexts(activityTexts);
  const search = useSearch({ from: '/activity' });
  const jobs = useJobs(search);
  useListKeys();
  const pages = jobs.data?.pages ?? [];
  const all = pages.flatMap(({ data }) => data);
  const isSearched = Object.keys(search).length > 0;
  const found = jobs.isSuccess && !jobs.isPlaceholderData && isSearched;
  useAnnounceFound(found ? all.length : null);
  return (
    <div className="flex flex-col gap-4">
      <Filters />
      {jobs.error !== null && <Notice tone="bad">{jobs.error.message}</Notice>}
      {jobs.isPending && <Skeleton className="h-[20rem] rounded-large" />}
      {jobs.isSuccess && all.length === 0 && (isSearched ? <NoMatch /> : <NoJobs />)}
      {all.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-large border border-line bg-surface">
          {all.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
      {pages.at(-1)?.search_complete === false && <Notice>{t.notAll}</Notice>}
      {jobs.hasNextPage && (
        <Button
          className="self-center"
          isBusy={jobs.isFetchingNextPage}
          onClick={() => void jobs.fetchNextPage()}
        >
          {t.more}
        </Button>
      )}
    </div>
  );
}

function NoJobs() {
  const t = useTexts(activityTexts);
  return (
    <EmptyState
      icon={Activity}
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

function NoMatch() {
  const t = useTexts(activityTexts);
  return (
    <EmptyState
      icon={SearchX}
      title={t.noMatch}
      action={
        <Link to="/activity" search={{}} className={actionLink}>
          {t.clear}
        </Link>
      }
    >
      {t.noMatchHint}
    </EmptyState>
  );
}
