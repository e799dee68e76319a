import { useAttempts } from '../../api/attempts.ts';
import type { Job } from '../../requests/types.ts';
import { useFormat } from '../../texts/format.ts';
import { useTexts } from '../../texts/i18n.ts';
import { useCallOutcomes } from '../../words/call-outcomes.ts';
import { panelTexts } from '../texts.ts';
import { Section } from './Section.tsx';

/** The ledger: every call that was made for the job, and what it cost. */
export function Calls({ job }: { job: Job }) {
  const t = useTexts(panelTexts);
  const { money, duration } = useFormat();
  const outcomes = useCallOutcomes();
  const { data } = useAttempts(job.id, job.attempts.made > 0);
  // Where a start was missed, nothing was sent.
  const calls = data?.data.filter(({ error }) => error?.code !== 'start_missed') ?? [];
  return (
    <Section title={t.ledger}>
      {job.attempts.made === 0 ? (
        <p className="text-small text-muted">{t.noCalls}</p>
      ) : (
        <>
          <p className="tabular font-semibold">
            {t.sumCost({
              calls: t.sum(Math.max(calls.length, job.attempts.made)),
              money: money(job.cost.actual ?? 0),
            })}
          </p>
          <ol className="flex flex-col gap-1 text-small text-muted">
            {calls.map(({ id, number, status, cost, started_at: start, finished_at: end }) => (
              <li key={id} className="tabular flex justify-between gap-3">
                <span>
                  {t.call({ number, outcome: outcomes[status] })}
                  {end !== null && ` · ${duration(end - start)}`}
                </span>
                <span>{cost.actual === null ? '–' : money(cost.actual)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Section>
  );
}
