import { useAttempts } from '../../../api/attempts.ts';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { Duration, Elapsed } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useCallOutcomes } from '../../../words/call-outcomes.ts';
import type { Attempt, Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** Every call that was made for a job, what became of it, and what it cost. */
export function Ledger({ job: { id, cost } }: { job: Job }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { data: attempts, error } = useAttempts(id);

  function sumText(count: number): string {
    const calls = t.sum(count);
    const money = format.money(cost.actual ?? 0);
    return cost.at_risk > 0
      ? t.sumAtRisk({ calls, money, risk: format.money(cost.at_risk) })
      : t.sumCost({ calls, money });
  }

  return (
    <Panel className="flex flex-col gap-3">
      <h2 className="font-semibold">{t.ledger}</h2>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {attempts === undefined ? (
        error === null && <Skeleton className="h-[3rem]" />
      ) : attempts.data.length === 0 ? (
        <p className="text-muted">{t.noCalls}</p>
      ) : (
        <>
          <p className="tabular text-lead font-semibold">{sumText(attempts.data.length)}</p>
          <ol className="flex flex-col divide-y divide-line">
            {attempts.data.map((attempt) => (
              <Call key={attempt.id} attempt={attempt} />
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

function Call({ attempt }: { attempt: Attempt }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const outcomes = useCallOutcomes();
  const { cost, error, started_at: startedAt, finished_at: finishedAt } = attempt;
  const requestId = attempt.provider_request_id;
  const money = cost.at_risk > 0 ? cost.at_risk : cost.actual;
  return (
    <li className="flex flex-col gap-1 py-3 text-small first:pt-1 last:pb-0">
      <p className="flex justify-between gap-3">
        <span>
          <span className="font-semibold">{t.call({ number: attempt.number })}</span>
          {' · '}
          {outcomes[attempt.status]}
        </span>
        <span className="tabular shrink-0 font-semibold">
          {money === null ? '–' : format.money(money)}
        </span>
      </p>
      <p className="flex flex-wrap gap-x-2 text-muted">
        <span className="tabular">{format.time(startedAt)}</span>
        {finishedAt === null ? (
          <Elapsed since={startedAt} />
        ) : (
          <Duration seconds={finishedAt - startedAt} />
        )}
        {attempt.http_status !== null && <span>HTTP {attempt.http_status}</span>}
        <span>{attempt.deployment}</span>
      </p>
      {error !== null && <p className="wrap-anywhere">{error.message}</p>}
      {requestId !== null && (
        <p className="wrap-anywhere text-muted">{t.requestId({ id: requestId })}</p>
      )}
    </li>
  );
}
