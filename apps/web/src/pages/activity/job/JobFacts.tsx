import type { ReactNode } from 'react';
import { Panel } from '../../../components/display/Page.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Job } from '../types.ts';
import { jobTexts } from './texts.ts';

/** What was asked for and got, when, and what it costs. */
export function JobFacts({ job }: { job: Job }) {
  const t = useTexts(jobTexts);
  const format = useFormat();
  const { request, cost, images } = job;
  const size = request.size ?? 'auto';
  const [image] = images;
  const got = image === undefined ? size : `${image.width}x${image.height}`;
  const none = job.finished_at === null ? t.notYet : t.nothing;
  const money = (value: number | null): string => (value === null ? none : format.money(value));
  return (
    <Panel className="flex flex-col gap-3">
      <h2 className="font-semibold">{t.facts}</h2>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-small">
        <Fact label={t.actual}>{money(cost.actual)}</Fact>
        <Fact label={t.estimated}>{money(cost.estimated)}</Fact>
        {cost.at_risk > 0 && <Fact label={t.atRisk}>{format.money(cost.at_risk)}</Fact>}
        <Fact label={t.model}>{job.model}</Fact>
        <Fact label={t.size}>{got === size ? size : t.asked({ asked: size, got })}</Fact>
        <Fact label={t.quality}>{request.quality ?? 'auto'}</Fact>
        <Fact label={t.submitted}>{format.fullTime(job.created_at)}</Fact>
        {job.started_at !== null && <Fact label={t.sent}>{format.fullTime(job.started_at)}</Fact>}
        {job.finished_at !== null && (
          <Fact label={t.finished}>
            {t.took({
              time: format.fullTime(job.finished_at),
              duration: format.duration(job.finished_at - job.created_at),
            })}
          </Fact>
        )}
        {job.custom_id !== null && <Fact label={t.customId}>{job.custom_id}</Fact>}
        {Object.entries(job.metadata).map(([key, value]) => (
          <Fact key={key} label={key}>
            {value}
          </Fact>
        ))}
        <Fact label={t.id}>
          <span className="font-mono">{job.id}</span>
        </Fact>
        {job.batch_id !== null && (
          <Fact label={t.batch}>
            <span className="font-mono">{job.batch_id}</span>
          </Fact>
        )}
      </dl>
    </Panel>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="max-w-[8rem] wrap-anywhere text-muted">{label}</dt>
      <dd className="tabular wrap-anywhere">{children}</dd>
    </>
  );
}
