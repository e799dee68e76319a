/** What can be done with a webhook endpoint. A refusal becomes a note. */
import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater } from '../../../undo/do-later.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { Endpoint, EndpointWithSecret } from '../types.ts';
import { webhookTexts } from './texts.ts';

/** @param onSecret takes the endpoint with a new secret, which is shown only now */
export function useEndpointActions(
  { id, url }: Endpoint,
  onSecret: (endpoint: EndpointWithSecret) => void,
) {
  const t = useTexts(webhookTexts);
  const queryClient = useQueryClient();
  const params = { params: { path: { id } } };
  const onError = (error: Error): void => void showProblem(error.message);
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.webhookEndpoints });
  const refreshDeliveries = () => queryClient.invalidateQueries({ queryKey: keys.deliveries });
  const test = useMutation({
    mutationFn: () => answer(client.POST('/v1/webhook_endpoints/{id}/test', params)),
    onSuccess: () => {
      showToast(t.testSent);
      return refreshDeliveries();
    },
    onError,
  });
  const change = useMutation({
    mutationFn: (status: Endpoint['status']) =>
      answer(client.PATCH('/v1/webhook_endpoints/{id}', { ...params, body: { status } })),
    onSuccess: refresh,
    onError,
  });
  const rotate = useMutation({
    mutationFn: () => answer(client.POST('/v1/webhook_endpoints/{id}/rotate', params)),
    onSuccess: (endpoint) => {
      onSecret(endpoint);
      return refresh();
    },
    onError,
  });
  const redeliver = useMutation({
    mutationFn: () =>
      answer(
        client.POST('/v1/webhook_endpoints/{id}/redeliver', { ...params, body: { since: 0 } }),
      ),
    onSuccess: ({ count }) => {
      showToast(t.redeliveredAll(count));
      return refreshDeliveries();
    },
    onError,
  });
  function remove(): void {
    doLater({
      key: id,
      text: t.removed({ url }),
      act: async () => {
        await answer(client.DELETE('/v1/webhook_endpoints/{id}', { ...params, keepalive: true }));
        await refresh();
      },
    });
  }
  return { test, change, rotate, redeliver, remove };
}
