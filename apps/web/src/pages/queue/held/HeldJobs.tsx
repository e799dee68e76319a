import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { HandCoins } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import { HeldJob } from './HeldJob.tsx';

const mostShown = 20;

/** Jobs whose last call has an unknown outcome. There is nothing to see while there are none. */
export function HeldJobs() {
  const t = useTexts(queueTexts);
  const { data: held } = useQuery({
    queryKey: [...keys.jobs, 'held', mostShown],
    queryFn: () =>
      answer(client.GET('/v1/jobs', { params: { query: { status: 'held', limit: mostShown } } })),
  });
  if (held === undefined || held.data.length === 0) return null;
  return (
    <section
      aria-labelledby="held-jobs"
      className="flex animate-rise flex-col gap-4 rounded-large bg-warn-soft p-5"
    >
      <div className="flex gap-3">
        <HandCoins aria-hidden className="mt-px size-[1.375rem] shrink-0 text-warn" />
        <div className="flex max-w-text flex-col gap-1">
          <h2 id="held-jobs" className="text-lead font-semibold">
            {t.held}
          </h2>
          <p>{t.heldHint}</p>
          <ul className="flex flex-col gap-1 pt-1 text-small">
            <li>{t.retryHint}</li>
            <li>{t.giveUpHint}</li>
          </ul>
        </div>
      </div>
      <ul className="flex flex-col divide-y divide-line rounded-medium bg-surface">
        {held.data.map((job) => (
          <HeldJob key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}
