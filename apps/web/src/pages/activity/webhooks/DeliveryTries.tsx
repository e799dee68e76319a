import { answer } from '@kiln/client/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Notice } from '../../../components/display/Notice.tsx';
import { Skeleton } from '../../../components/display/Skeleton.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { Delivery } from '../types.ts';
import { webhookTexts } from './texts.ts';
import { TryError } from './TryError.tsx';

/** A delivery, try by try, with what the receiver answered, and a way to send it again. */
export function DeliveryTries({ delivery }: { delivery: Delivery }) {
  const t = useTexts(webhookTexts);
  const format = useFormat();
  const queryClient = useQueryClient();
  const { id } = delivery;
  const { data: whole, error } = useQuery({
    // The number of tries is a part of the key: after another try, the log is fetched again.
    queryKey: [...keys.deliveries, id, delivery.tries.made, delivery.status],
    queryFn: () => answer(client.GET('/v1/deliveries/{id}', { params: { path: { id } } })),
  });
  const again = useMutation({
    mutationFn: () =>
      answer(client.POST('/v1/deliveries/{id}/redeliver', { params: { path: { id } } })),
    onSuccess: () => {
      showToast(t.redelivered);
      return queryClient.invalidateQueries({ queryKey: keys.deliveries });
    },
    onError: ({ message }) => showProblem(message),
  });
  const failures = {
    exhausted: t.exhausted,
    gone: t.goneFailure,
    endpoint_disabled: t.endpointDisabled,
    endpoint_deleted: t.endpointDeleted,
    secret_missing: t.secretMissing,
  };
  return (
    <div className="flex flex-col gap-3 px-4 pt-2 pb-4 tablet:pl-[2.75rem]">
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      {delivery.failure !== null && <p className="text-bad">{failures[delivery.failure]}</p>}
      {whole === undefined && error === null && <Skeleton className="h-[3rem]" />}
      {whole?.log.length === 0 && <p className="text-muted">{t.noTries}</p>}
      <ol className="flex flex-col gap-3">
        {whole?.log.map((each) => (
          <li key={each.number} className="flex flex-col gap-1 text-small">
            <p className="flex flex-wrap gap-x-3">
              <span className="font-semibold">{t.try({ number: each.number })}</span>
              <span className="tabular text-muted">{format.fullTime(each.started_at)}</span>
              <span className="tabular text-muted">{format.number(each.duration_ms)} ms</span>
              {each.http_status !== null && <span>HTTP {each.http_status}</span>}
              {each.error !== null && <TryError code={each.error} />}
            </p>
            {each.answer !== null && each.answer !== '' && (
              <>
                <p className="text-muted">{t.answered}</p>
                <pre
                  className="rounded-small bg-sunken p-3 font-mono wrap-anywhere
                    whitespace-pre-wrap"
                >
                  {each.answer}
                </pre>
              </>
            )}
          </li>
        ))}
      </ol>
      <p className="font-mono text-small wrap-anywhere text-muted">{delivery.event_id}</p>
      <Button
        size="small"
        icon={RotateCw}
        className="self-start"
        isBusy={again.isPending}
        onClick={() => again.mutate()}
      >
        {t.redeliver}
      </Button>
    </div>
  );
}
