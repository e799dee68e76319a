import { answer } from '@kiln/client/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { queueTexts } from '../texts.ts';
import type { Activity } from '../types.ts';
import { ActivityChart } from './ActivityChart.tsx';
import { ActivityTable } from './ActivityTable.tsx';

/** The calls of a pool over the last hour or day: a chart, and the same as a table. */
export function ActivityPanel({ pool }: { pool: string }) {
  const t = useTexts(queueTexts);
  const [window, setWindow] = useState<Activity['window']>('1h');
  const { data: activity, error } = useQuery({
    queryKey: [...keys.pools, pool, 'activity', window],
    queryFn: () =>
      answer(
        client.GET('/v1/pools/{name}/activity', {
          params: { path: { name: pool }, query: { window } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="flex flex-col gap-3 border-t border-line pt-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold">{t.chart}</h3>
        <Segmented
          label={t.window}
          value={window}
          onChange={setWindow}
          segments={[
            { value: '1h', label: t.hour },
            { value: '24h', label: t.day },
          ]}
        />
      </div>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {activity === undefined ? (
        error === null && <Skeleton className="h-[9rem]" />
      ) : (
        <>
          <ActivityChart activity={activity} />
          <ActivityTable activity={activity} />
        </>
      )}
    </div>
  );
}
