import type { ReactNode } from 'react';
import { Notice } from '../../../components/display/Notice.tsx';
import { Panel } from '../../../components/display/Page.tsx';
import { Time } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { hasEnded, progressOf, type Batch } from '../api.ts';
import { BatchBar, BatchEta } from '../BatchBar.tsx';
import { batchTexts } from './texts.ts';
import { retryableOf, type StateCounts } from './use-rows.ts';

export interface OverviewProps {
  batch: Batch;
  name: string;
  /** Undefined while they are being read. */
  counts: StateCounts | undefined;
}

/** How far a batch is, when it is done, and what it costs; or what it came to. */
export function Overview({ batch, name, counts }: OverviewProps) {
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
          {isOver ? (
            <Outcome batch={batch} counts={counts} />
          ) : (
            <div className="flex flex-wrap items-baseline justify-between gap-x-5 gap-y-1">
              <p className="tabular text-lead font-semibold">
                {t.progress({ ended: number(ended), total: number(total) })}
              </p>
              <p className="tabular flex gap-4 text-small">
                {failed > 0 && <span className="text-bad">{t.failed(failed)}</span>}
                {waiting > 0 && <span className="text-muted">{t.waiting(waiting)}</span>}
              </p>
            </div>
          )}
          <BatchBar batch={batch} name={name} />
          <dl className="grid grid-cols-2 gap-x-5 gap-y-4 pt-2 tablet:flex tablet:flex-wrap tablet:gap-x-7">
            {!isOver && <Finish batch={batch} />}
            {!isOver && <Pace batch={batch} />}
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

function Figure(props: { name: string; note?: ReactNode; children: ReactNode }) {
  const { name, note, children } = props;
  return (
    <div className="flex flex-col">
      <dt className="text-small text-muted">{name}</dt>
      <dd className="tabular font-semibold">{children}</dd>
      {note !== undefined && <dd className="tabular text-small text-muted">{note}</dd>}
    </div>
  );
}

/** The time that is left, and the time of day. */
function Finish({ batch }: { batch: Batch }) {
  const t = useTexts(batchTexts);
  const { finishes_at: range } = batch;
  if (batch.paused_at !== null) return <Figure name={t.finishes}>{t.pausedEta}</Figure>;
  if (range === null) return <Figure name={t.finishes}>{t.noEta}</Figure>;
  // A batch that ends soon needs no time of day for its earliest end.
  const isShort = range.latest - range.earliest < 120;
  return (
    <Figure
      name={t.finishesIn}
      note={
        <>
          {!isShort && (
            <>
              <Time at={range.earliest} />
              {' – '}
            </>
          )}
          <Time at={range.latest} />
        </>
      }
    >
      <BatchEta range={range} />
    </Figure>
  );
}

function Pace({ batch }: { batch: Batch }) {
  const t = useTexts(batchTexts);
  const { number } = useFormat();
  const { rows_per_minute: pace } = batch;
  if (pace === null) return null;
  const shown = pace < 10 ? Math.round(pace * 10) / 10 : Math.round(pace);
  return (
    <Figure name={t.pace} note={t.paceHint}>
      {t.perMinute({ count: number(shown) })}
    </Figure>
  );
}

/** What a finished batch came to, in one line. */
function Outcome({ batch, counts }: Pick<OverviewProps, 'batch' | 'counts'>) {
  const t = useTexts(batchTexts);
  const { number, money, duration } = useFormat();
  const { completed, total } = batch.request_counts;
  const endedAt =
    batch.completed_at ?? batch.cancelled_at ?? batch.expired_at ?? batch.failed_at ?? null;
  if (endedAt === null) return null;
  const retryable = retryableOf(counts);
  return (
    <p className="text-lead">
      {t.outcome({
        done: number(completed),
        total: number(total),
        money: money(batch.cost.actual),
        time: duration(endedAt - (batch.in_progress_at ?? batch.created_at)),
      })}
      {retryable > 0 && <> {t.outcomeFailed(retryable)}</>}
      {(counts?.invalid ?? 0) > 0 && <> {t.outcomeInvalid(counts?.invalid ?? 0)}</>}
      {(counts?.cancelled ?? 0) > 0 && <> {t.outcomeCancelled(counts?.cancelled ?? 0)}</>}
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
