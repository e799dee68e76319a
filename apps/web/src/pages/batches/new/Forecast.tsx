import { Duration } from '../../../components/display/Time.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { BatchValidation } from '../api.ts';
import { summaryTexts } from './texts.ts';

/** Rows, cost, and time of a batch that has not started. */
export function Forecast({ preview }: { preview: BatchValidation }) {
  const t = useTexts(summaryTexts);
  const { money } = useFormat();
  const { valid, invalid, cost, duration_seconds: seconds } = preview;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col">
        <p className="tabular">{t.ready(valid)}</p>
        {invalid > 0 && <p className="tabular text-bad">{t.invalid(invalid)}</p>}
      </div>
      <div className="flex flex-col">
        <p className="text-small text-muted">{t.cost}</p>
        <p className="tabular text-display font-semibold">{money(cost.estimated)}</p>
        <p className="tabular text-small text-muted">
          {cost.at_most === null ? cost.at_most_reason : t.atMost({ money: money(cost.at_most) })}
        </p>
        {cost.estimate_basis !== null && (
          <p className="text-small text-muted">{t.basis({ basis: cost.estimate_basis })}</p>
        )}
      </div>
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
              <p className="text-small text-muted">{t.durationHint}</p>
            </>
          )}
        </div>
      )}
    </div>
  );
}
