import type { ReactNode } from 'react';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { hasEnded, progressOf, type Batch } from '../api.ts';
import { BatchBar, BatchEta } from '../BatchBar.tsx';
import { batchTexts } from './texts.ts';

/** How far a batch is, when it is done, and what it costs; or what it came to. */
export function Overview(props: { batch: Batch; name: string; readAtMs: number }) {
  const { batch, name, readAtMs } = props;
  const t = useTexts(batchTexts);
  const { number, money } = useFormat();
  const { ended, total } = progressOf(batch);
  const { failed, in_queue: waiting } = batch.request_counts;
  const { actual, estimated, at_risk: atRisk } = batch.cost;
  const isOver = hasEnded(batch);
  return (
    <>
      {batch.status === 'failed' && <Errors batch={batch} />}
      {total > 0 && (
        <Panel className="flex flex-col gap-4">
          {isOver && <Outcome batch={batch} />}
          <div className="flex flex-wrap items-baseline justify-between gap-x-5 gap-y-1">
            <p className="tabular text-lead font-semibold">
              {t.progress({ ended: number(ended), total: number(total) })}
            </p>
            <p className="tabular flex gap-4 text-small">
              {failed > 0 && <span className="text-bad">{t.failed(failed)}</span>}
              {waiting > 0 && <span className="text-muted">{t.waiting(waiting)}</span>}
            </p>
          </div>
          <BatchBar batch={batch} name={name} />
          <dl className="grid grid-cols-2 gap-x-5 gap-y-4 pt-2 tablet:flex tablet:gap-7">
            {!isOver && (
              <Figure name={t.finishes}>
                {batch.paused_at !== null && t.pausedEta}
                {batch.paused_at === null && batch.eta_seconds === null && t.noEta}
                <BatchEta batch={batch} readAtMs={readAtMs} />
              </Figure>
            )}
            <Figure name={isOver ? t.spentInAll : t.spent}>{money(actual)}</Figure>
            <Figure name={t.estimated}>{money(estimated)}</Figure>
            <Figure name={t.atRisk}>{money(atRisk)}</Figure>
          </dl>
          {atRisk > 0 && <Notice tone="warn">{t.atRiskHint}</Notice>}
        </Panel>
      )}
    </>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col">
      <dt className="text-small text-muted">{name}</dt>
      <dd className="tabular font-semibold">{children}</dd>
    </div>
  );
}

/** What a finished batch came to, in one line. */
function Outcome({ batch }: { batch: Batch }) {
  const t = useTexts(batchTexts);
  const { number, money, duration } = useFormat();
  const { completed, failed, total } = batch.request_counts;
  const endedAt =
    batch.completed_at ?? batch.cancelled_at ?? batch.expired_at ?? batch.failed_at ?? null;
  if (endedAt === null) return null;
  return (
    <p className="text-lead">
      {t.outcome({
        done: number(completed),
        total: number(total),
        money: money(batch.cost.actual),
        time: duration(endedAt - (batch.in_progress_at ?? batch.created_at)),
      })}{' '}
      {failed > 0 && batch.status === 'completed' && t.outcomeFailed(failed)}
    </p>
  );
}

const shownErrors = 20;

function Errors({ batch }: { batch: Batch }) {
  const t = useTexts(batchTexts);
  const { number } = useFormat();
  const errors = batch.errors?.data ?? [];
  const more = (batch.errors?.total ?? 0) - Math.min(shownErrors, errors.length);
  const isFault = errors[0]?.code === 'run_failed';
  return (
    <Notice tone="bad" title={isFault ? t.stoppedTitle : t.refusedTitle}>
      <ul className="flex flex-col gap-1">
        {errors.slice(0, shownErrors).map(({ line, param, code, message }) => (
          <li key={`${line} ${param} ${code} ${message}`} className="break-words">
            {line !== null && (
              <span className="tabular font-semibold">{t.place({ row: number(line) })} · </span>
            )}
            {param !== null && <span className="font-semibold">{param} · </span>}
            {message}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="text-muted">{t.moreErrors(more)}</p>}
    </Notice>
  );
}
