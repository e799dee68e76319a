import { Link } from '@tanstack/react-router';
import { actionLink } from '../../../components/display/action-link.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useFilterWords } from '../../../words/content-filter/use-filter-words.ts';
import { useWarningText } from '../../../words/warnings.ts';
import type { Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** What there is to know about a job now: its turn, its decision, its error, its warnings. */
export function JobNotices({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const warningText = useWarningText();
  const filterWords = useFilterWords();
  const { error } = job;
  const moderation = error?.moderation ?? null;
  return (
    <div className="flex flex-col gap-3 empty:hidden">
      {job.queue !== null && <Turn queue={job.queue} />}
      {job.status === 'held' && (
        <Notice
          tone="warn"
          actions={
            <Link to="/queue" className={actionLink}>
              {t.decide}
            </Link>
          }
        >
          {t.held}
        </Notice>
      )}
      {error !== null && (
        <Notice tone="bad" title={error.message}>
          <p className="font-mono text-small text-muted">{error.code}</p>
          {moderation !== null && moderation.stage !== null && (
            <p>{t.stage({ stage: filterWords(moderation.stage) })}</p>
          )}
          {moderation !== null && moderation.categories.length > 0 && (
            <p>
              {t.categories({
                categories: format.list(moderation.categories.map(filterWords)),
              })}
            </p>
          )}
        </Notice>
      )}
      {job.warnings.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} tone="warn">
          {warningText({ code, message })}
        </Notice>
      ))}
    </div>
  );
}

function Turn({ queue }: { queue: NonNullable<Job['queue']> }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { starts_in_seconds: startsIn, position } = queue;
  if (startsIn === null) return <Notice tone="warn">{t.waitsLong}</Notice>;
  const duration = format.duration(startsIn);
  return (
    <Notice>
      <p className="tabular">
        {position > 0
          ? t.waits({ duration, position: format.number(position) })
          : t.waitsNext({ duration })}
      </p>
    </Notice>
  );
}
