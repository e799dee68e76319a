import { useNow } from '../../../components/display/clock.ts';
import { Duration } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BatchValidation } from '../api.ts';
import { summaryTexts } from './texts.ts';

/** Rows, cost, and time of a batch that has not started. */
export function Forecast({ preview }: { preview: BatchValidation }) {
  const t = useTexts(summaryTexts);
  const { time } = useFormat();
  const now = useNow();
  const { valid, invalid, cost, as_drafts: drafts, duration_seconds: seconds } = preview;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col">
        <p className="tabular">{t.ready(valid)}</p>
        {invalid > 0 && <p className="tabular text-bad">{t.invalid(invalid)}</p>}
      </div>
      {valid > 0 && <Cost cost={cost} />}
      {valid > 0 && drafts !== null && <Drafts drafts={drafts} />}
      {valid > 0 && (
        <div className="flex flex-col">
          {seconds === null ? (
            <p className="text-muted">{t.noDuration}</p>
          ) : (
            <>
              <p className="text-small text-muted">{t.duration}</p>
              <p className="text-title font-semibold">
                <Duration seconds={seconds} />
              </p>
              <p className="text-small text-muted">{t.durationAt({ time: time(now + seconds) })}</p>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Cost({ cost }: Pick<BatchValidation, 'cost'>) {
  const t = useTexts(summaryTexts);
  const { money } = useFormat();
  return (
    <div className="flex flex-col">
      <p className="text-small text-muted">{t.cost}</p>
      <p className="tabular text-display font-semibold">{money(cost.estimated)}</p>
      <p className="tabular text-small text-muted">
        {cost.at_most === null ? cost.at_most_reason : t.atMost({ money: money(cost.at_most) })}
      </p>
      {cost.estimate_basis !== null && (
        <p className="text-small text-muted">
          <Basis basis={cost.estimate_basis} />
        </p>
      )}
    </div>
  );
}

/** What the estimate rests on, in the words of people; a mixture as the API counts it. */
function Basis({ basis }: { basis: string }) {
  const t = useTexts(summaryTexts);
  if (basis === 'published') return t.basisPublished;
  if (basis === 'inferred') return t.basisInferred;
  const calls = /^learnt from ([\d,]+) calls?$/.exec(basis)?.[1];
  return calls === undefined ? t.basis({ basis }) : t.basisLearnt({ count: calls });
}

/** What drafts save, and how they are made. */
function Drafts({ drafts }: { drafts: NonNullable<BatchValidation['as_drafts']> }) {
  const t = useTexts(summaryTexts);
  const { money, list } = useFormat();
  const { models, qualities, as_written: asWritten } = drafts;
  return (
    <div className="flex flex-col">
      <p className="tabular">{t.asWritten({ money: money(asWritten.estimated) })}</p>
      <p className="text-small text-muted">
        {t.draftsWith({ models: list(models), qualities: list(qualities) })}
      </p>
    </div>
  );
}
