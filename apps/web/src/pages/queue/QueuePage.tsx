import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Notice } from '../../components/display/Notice.tsx';
import { Page } from '../../components/display/Page.tsx';
import { Skeleton } from '../../components/display/Skeleton.tsx';
import { useFormat } from '../../texts/format.ts';
import { useTexts } from '../../texts/i18n.ts';
import { HeldJobs } from './held/HeldJobs.tsx';
import { UpNext } from './next/UpNext.tsx';
import { PoolPanel } from './pool/PoolPanel.tsx';
import { queueTexts } from './texts.ts';
import type { Pool } from './types.ts';

/** What starts next, at what pace, what holds it up, and which money waits for a decision. */
export function QueuePage() {
  const t = useTexts(queueTexts);
  const { data: pools, error } = useQuery({
    queryKey: keys.pools,
    queryFn: () => answer(client.GET('/v1/pools')),
  });
  const lead = useLead(pools?.data);
  return (
    <Page title={t.title} lead={lead ?? '\u00A0'}>
      <HeldJobs />
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      <div
        className="grid items-start gap-5
          min-[72rem]:grid-cols-[minmax(20rem,5fr)_minmax(0,6fr)]"
      >
        <section aria-label={t.pools} className="flex min-w-0 flex-col gap-5">
          {pools === undefined && error === null && (
            <Skeleton className="h-[22rem] rounded-large" />
          )}
          {pools?.data.map((pool) => (
            <PoolPanel key={pool.name} pool={pool} />
          ))}
        </section>
        <UpNext />
      </div>
    </Page>
  );
}

function useLead(pools: readonly Pool[] | undefined): string | undefined {
  const t = useTexts(queueTexts);
  const format = useFormat();
  if (pools === undefined) return undefined;
  // Several pools may take the same job, so that their backlogs are not added up.
  const backlog = Math.max(0, ...pools.map((pool) => pool.backlog));
  const inFlight = pools.reduce((sum, pool) => sum + pool.in_flight, 0);
  if (backlog === 0 && inFlight === 0) return t.leadIdle;
  const waiting = format.number(backlog);
  const running = format.number(inFlight);
  const [only] = pools;
  const eta = pools.length === 1 ? (only?.eta_seconds ?? null) : null;
  return eta === null || backlog === 0
    ? t.lead({ waiting, running })
    : t.leadEta({ waiting, running, duration: format.duration(eta) });
}
