import { useNow } from '../../../components/display/clock.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Pool } from '../types.ts';

/** What the provider's last answer said is left of its limits; nothing where it said nothing. */
export function Meters({ reported }: Pick<Pool, 'reported'>) {
  const t = useTexts(queueTexts);
  if (reported === null) return null;
  return (
    <div className="flex flex-col gap-3 empty:hidden">
      <Meter label={t.reportedRequests} reading={reported.requests} />
      <Meter label={t.reportedImages} reading={reported.images} />
      <Meter label={t.reportedTokens} reading={reported.tokens} />
    </div>
  );
}

type Reading = NonNullable<Pool['reported']>['requests'];

function Meter({ label, reading }: { label: string; reading: Reading }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  if (reading === null) return null;
  const { limit, remaining: lastRemaining, reset_at: resetAt } = reading;
  if (limit === null || lastRemaining === null || limit <= 0) return null;
  // Once the time of the reset has passed, all of it is there again, whatever was said before.
  const isReset = resetAt !== null && resetAt <= now;
  const remaining = isReset ? limit : lastRemaining;
  const figures = { remaining: format.number(remaining), limit: format.number(limit) };
  const text =
    resetAt === null || remaining >= limit
      ? t.left(figures)
      : t.leftUntil({ ...figures, duration: format.duration(resetAt - now) });
  const share = Math.min(1, Math.max(0, remaining / limit));
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap justify-between gap-x-3 text-small">
        <span className="text-muted">{label}</span>
        <span className="tabular">{text}</span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={remaining}
        aria-valuetext={text}
        className="h-[0.25rem] overflow-hidden rounded-full bg-line"
      >
        <div
          className="h-full rounded-full bg-edge transition-[width] duration-500"
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
