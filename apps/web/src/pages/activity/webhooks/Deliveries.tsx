import { answer } from '@kiln/client/client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Segmented } from '../../../components/controls/Segmented.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Delivery } from '../types.ts';
import { DeliveryRow } from './DeliveryRow.tsx';
import { webhookTexts } from './texts.ts';

const pageSize = 30;
/**
 * Deliveries are asked for again and again. An event for each try would itself have to be delivered
 * to the endpoints of all events, and the event that a delivery is about comes before it is made.
 * This goes on only while the list is there and the tab is in sight.
 */
const refreshMs = 5_000;

type Which = 'all' | Delivery['status'];

/** Every event on its way to an endpoint, newest first. */
export function Deliveries() {
  const t = useTexts(webhookTexts);
  const [which, setWhich] = useState<Which>('all');
  const deliveries = useDeliveries(which);
  useListKeys();
  const all = deliveries.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-lead font-semibold">{t.deliveries}</h2>
        <Segmented
          label={t.which}
          value={which}
          onChange={setWhich}
          segments={[
            { value: 'all', label: t.all },
            { value: 'pending', label: t.pending },
            { value: 'delivered', label: t.delivered },
            { value: 'failed', label: t.failedOnes },
          ]}
        />
      </div>
      {deliveries.error !== null && <Notice tone="bad">{deliveries.error.message}</Notice>}
      {deliveries.isPending && <Skeleton className="h-[8rem] rounded-large" />}
      {deliveries.isSuccess && all.length === 0 && (
        <Notice title={t.noDeliveries}>{t.noDeliveriesHint}</Notice>
      )}
      {all.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-large border border-line bg-surface">
          {all.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
      {deliveries.hasNextPage && (
        <Button
          className="self-center"
          isBusy={deliveries.isFetchingNextPage}
          onClick={() => void deliveries.fetchNextPage()}
        >
          {t.more}
        </Button>
      )}
    </section>
  );
}

function useDeliveries(which: Which) {
  return useInfiniteQuery({
    queryKey: [...keys.deliveries, which],
    queryFn: ({ pageParam }) =>
      answer(
        client.GET('/v1/deliveries', {
          params: {
            query: {
              limit: pageSize,
              ...(pageParam === null ? {} : { after: pageParam }),
              ...(which === 'all' ? {} : { status: which }),
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.has_more ? page.last_id : null),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
    refetchIntervalInBackground: false,
  });
}
