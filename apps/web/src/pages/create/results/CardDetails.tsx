import type { ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useAttempts } from '../../../api/attempts.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useCallOutcomes } from '../../../words/call-outcomes.ts';
import type { Attempt, Job } from '../draft/types.ts';
import { resultTexts } from './texts.ts';

/** Everything that is known about a job, for those who ask. */
export function CardDetails({ job }: { job: Job }) {
  const t = useTexts(resultTexts);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="group border-t border-line pt-2"
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary
        className="flex cursor-pointer list-none items-center gap-1 rounded-small px-1 py-1
          text-small font-semibold text-muted hover:text-ink
          [&::-webkit-details-marker]:hidden"
      >
        <ChevronRight
          aria-hidden
          className="size-[1rem] transition-transform group-open:rotate-90"
        />
        {t.details}
      </summary>
      {isOpen && <Facts job={job} />}
    </details>
  );
}

function Facts({ job }: { job: Job }) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  const attempts = useAttempts(job.id, job.attempts.made > 0).data?.data ?? [];
  const last = attempts.at(-1);
  const { cost, usage, request } = job;
  const [first] = job.images;
  const asked = [request.size ?? 'auto', request.quality, request.output_format].filter(
    (each) => each !== undefined,
  );
  const tokens = (name: string): number => {
    const value = usage?.[name];
    return typeof value === 'number' ? value : 0;
  };
  const money = [
    cost.actual === null ? null : format.money(cost.actual),
    cost.estimated === null ? null : t.estimate({ amount: format.money(cost.estimated) }),
    cost.at_risk > 0 ? t.atRisk({ amount: format.money(cost.at_risk) }) : null,
  ].filter((each) => each !== null);
  const tookSeconds =
    last === undefined || last.finished_at === null ? null : last.finished_at - last.started_at;
  const revised = job.chosen?.revised_prompt;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 px-1 pt-2 text-small">
      <Fact name={t.asked}>{asked.join(' · ')}</Fact>
      {first !== undefined && (
        <Fact name={t.got}>
          {[
            `${first.width}x${first.height}`,
            ...(job.chosen?.quality === undefined ? [] : [job.chosen.quality]),
            first.format,
            format.bytes(first.bytes),
          ].join(' · ')}
        </Fact>
      )}
      <Fact name={t.cost}>{money.join(' · ')}</Fact>
      {usage !== null && (
        <Fact name={t.tokens}>
          {t.tokensValue({
            input: format.number(tokens('input_tokens')),
            output: format.number(tokens('output_tokens')),
          })}
        </Fact>
      )}
      <Fact name={t.ledger}>
        <ul>
          {attempts.map((attempt) => (
            <li key={attempt.id}>
              <Call attempt={attempt} />
            </li>
          ))}
          {tookSeconds !== null && <li>{t.took({ time: format.duration(tookSeconds) })}</li>}
        </ul>
      </Fact>
      {revised !== undefined && <Fact name={t.revised}>{revised}</Fact>}
      <Fact name={t.model}>{job.model}</Fact>
      {job.deployment !== null && <Fact name={t.deployment}>{job.deployment}</Fact>}
      {last !== undefined && last.provider_request_id !== null && (
        <Fact name={t.requestId} isCode>
          {last.provider_request_id}
        </Fact>
      )}
      <Fact name={t.jobId} isCode>
        {job.id}
      </Fact>
    </dl>
  );
}

/** What became of a call, and what it cost or may have cost. */
function Call({ attempt: { number, status, cost } }: { attempt: Attempt }) {
  const t = useTexts(resultTexts);
  const format = useFormat();
  const outcome = useCallOutcomes()[status];
  const dollars = cost.at_risk > 0 ? cost.at_risk : (cost.actual ?? 0);
  return dollars === 0
    ? t.call({ number, outcome })
    : t.callPaid({ number, outcome, amount: format.money(dollars) });
}

function Fact({
  name,
  isCode = false,
  children,
}: {
  name: string;
  isCode?: boolean;
  children: ReactNode;
}) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className={isCode ? 'font-mono break-all select-all' : 'tabular break-words'}>
        {children}
      </dd>
    </>
  );
}
