import { answer } from '@kiln/client/client';
import { useQuery } from '@tanstack/react-query';
import { Plus, Webhook } from 'lucide-react';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import type { EndpointWithSecret } from '../types.ts';
import { Deliveries } from './Deliveries.tsx';
import { EndpointCard } from './EndpointCard.tsx';
import { NewEndpoint } from './NewEndpoint.tsx';
import { Secret } from './Secret.tsx';
import { webhookTexts } from './texts.ts';

/** Endpoints that Kiln sends events to, and every delivery to them. */
export function WebhooksView() {
  const t = useTexts(webhookTexts);
  const [isAdding, setIsAdding] = useState(false);
  const [made, setMade] = useState<EndpointWithSecret | null>(null);
  const { data: endpoints, error } = useQuery({
    queryKey: keys.webhookEndpoints,
    queryFn: () =>
      answer(client.GET('/v1/webhook_endpoints', { params: { query: { limit: 50 } } })),
  });
  // The form and the secret go away with the focus in them; it returns to the button.
  function close(): void {
    flushSync(() => {
      setMade(null);
      setIsAdding(false);
    });
    document.getElementById('add-endpoint')?.focus();
  }

  const add = (
    <Button id="add-endpoint" icon={Plus} onClick={() => setIsAdding(true)}>
      {t.add}
    </Button>
  );
  const isEmpty = endpoints?.data.length === 0;
  return (
    <div className="flex flex-col gap-6">
      <section className="flex flex-col gap-4">
        {!isEmpty && (
          <div className="flex flex-wrap items-center justify-between gap-3">
            <h2 className="text-lead font-semibold">{t.endpoints}</h2>
            {!isAdding && add}
          </div>
        )}
        {error !== null && <Notice tone="bad">{error.message}</Notice>}
        {made !== null && <Secret endpoint={made} hint={t.secretHint} onKept={() => close()} />}
        {isAdding && (
          <NewEndpoint
            onMade={(endpoint) => {
              setMade(endpoint);
              setIsAdding(false);
            }}
            onCancel={() => close()}
          />
        )}
        {endpoints === undefined && error === null && (
          <Skeleton className="h-[6rem] rounded-large" />
        )}
        {isEmpty && !isAdding && (
          <EmptyState icon={Webhook} title={t.empty} action={add}>
            {t.emptyHint}
          </EmptyState>
        )}
        {endpoints?.data.map((endpoint) => (
          <EndpointCard key={endpoint.id} endpoint={endpoint} />
        ))}
      </section>
      {!isEmpty && <Deliveries />}
    </div>
  );
}
