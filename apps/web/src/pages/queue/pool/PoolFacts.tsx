import type { ReactNode } from 'react';
import { useNow } from '../../../components/display/clock.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Pool } from '../types.ts';

/** Four figures that say how it goes, and below them the quota and the pace in words. */
export function PoolFacts({ pool }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const { share, interval_ms: intervalMs } = pool.pace;
  const seconds = format.number(Math.round(intervalMs / 10) / 100);
  const quota = [
    pool.rpm === null ? null : t.perMinute(pool.rpm),
    pool.ipm === null ? null : t.picturesPerMinute(pool.ipm),
    pool.tpm === null ? null : t.tokensPerMinute({ count: format.number(pool.tpm) }),
  ].filter((each) => each !== null);
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-2 gap-4 tablet:grid-cols-4 min-[72rem]:grid-cols-2">
        <Figure label={t.backlog}>{format.number(pool.backlog)}</Figure>
        <Figure label={t.inFlight}>{format.number(pool.in_flight)}</Figure>
        <Figure label={t.nextStart}>
          <NextStart pool={pool} />
        </Figure>
        <Figure label={t.allStarted}>
          {pool.backlog === 0 ? '–' : <AllStarted seconds={pool.eta_seconds} />}
        </Figure>
      </dl>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-small">
        <dt className="text-muted">{t.quota}</dt>
        <dd>{quota.length === 0 ? t.noQuota : format.list(quota)}</dd>
        <dt className="text-muted">{t.pace}</dt>
        <dd>
          {share < 1
            ? t.paceShare({ seconds, share: format.percent(share) })
            : t.paceEvery({ seconds })}
        </dd>
      </dl>
    </div>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-col-reverse justify-end">
      <dt className="text-small text-muted">{label}</dt>
      <dd className="tabular text-title font-semibold">{children}</dd>
    </div>
  );
}

function NextStart({ pool }: { pool: Pool }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  const now = useNow();
  if (pool.backlog === 0) return '–';
  if (pool.status === 'paused') return <InWords>{t.untilResumed}</InWords>;
  const seconds = (pool.next_start_at ?? now) - now;
  return seconds < 1 ? <InWords>{t.anyMoment}</InWords> : format.duration(seconds);
}

function AllStarted({ seconds }: { seconds: number | null }) {
  const t = useTexts(queueTexts);
  const format = useFormat();
  return seconds === null ? <InWords>{t.untilResumed}</InWords> : format.duration(seconds);
}

/** Words in the place of a figure: as high as one, and not as loud. */
function InWords({ children }: { children: ReactNode }) {
  return <span className="block text-base leading-[1.875rem] font-semibold">{children}</span>;
}
