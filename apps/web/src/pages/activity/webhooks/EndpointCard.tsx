import { answer } from '@kiln/client/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, Ellipsis, Power, PowerOff, Send, Trash2 } from 'lucide-react';
import { client } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { cx } from '../../../components/cx.ts';
import { Badge } from '../../../components/display/Badge.tsx';
import { Menu } from '../../../components/overlays/Menu.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { doLater, useIsLeaving } from '../../../undo/do-later.ts';
import { showProblem, showToast } from '../../../undo/toasts.ts';
import type { Endpoint } from '../types.ts';
import { webhookTexts } from './texts.ts';

/** An endpoint: whether it is on, what it receives, and what can be done with it. */
export function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const t = useTexts(webhookTexts);
  const format = useFormat();
  const { id, url, status, description, failing_since: failingSince } = endpoint;
  const isLeaving = useIsLeaving(id);
  const { test, change, remove } = useActions(endpoint);
  const reasons = { requested: t.requested, gone: t.gone, failing: t.failed };
  const isOn = status === 'enabled';
  return (
    <div
      className={cx(
        'flex flex-wrap items-center gap-x-4 gap-y-3 rounded-large border border-line bg-surface p-4',
        isLeaving && 'opacity-50',
      )}
    >
      <div className="flex min-w-0 grow basis-[16rem] flex-col gap-1">
        <p className="truncate font-semibold">{url}</p>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-muted">
          {isOn ? (
            <Badge tone="good" icon={CircleCheck}>
              {t.enabled}
            </Badge>
          ) : (
            <Badge icon={PowerOff}>{t.disabled}</Badge>
          )}
          {description !== null && <span>{description}</span>}
          <span title={endpoint.events.join(', ')}>{t.eventCount(endpoint.events.length)}</span>
          {failingSince !== null && (
            <span className="text-bad">{t.failing({ time: format.time(failingSince) })}</span>
          )}
          {endpoint.disabled_reason !== null && <span>{reasons[endpoint.disabled_reason]}</span>}
        </p>
      </div>
      <div className="flex items-center gap-2">
        <Button
          size="small"
          icon={Send}
          isBusy={test.isPending}
          unavailable={isLeaving ? t.leaving : isOn ? undefined : t.disabled}
          onClick={() => test.mutate()}
        >
          {t.test}
        </Button>
        <Menu
          trigger={<IconButton icon={Ellipsis} size="small" label={t.moreFor({ url })} />}
          items={[
            {
              label: isOn ? t.disable : t.enable,
              icon: isOn ? PowerOff : Power,
              unavailable: isLeaving ? t.leaving : undefined,
              onSelect: () => change.mutate(isOn ? 'disabled' : 'enabled'),
            },
            {
              label: t.remove,
              icon: Trash2,
              isDangerous: true,
              unavailable: isLeaving ? t.leaving : undefined,
              startsGroup: true,
              onSelect: remove,
            },
          ]}
        />
      </div>
    </div>
  );
}

function useActions({ id, url }: Endpoint) {
  const t = useTexts(webhookTexts);
  const queryClient = useQueryClient();
  const params = { params: { path: { id } } };
  const onError = (error: Error): void => void showProblem(error.message);
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.webhookEndpoints });
  const test = useMutation({
    mutationFn: () => answer(client.POST('/v1/webhook_endpoints/{id}/test', params)),
    onSuccess: () => {
      showToast(t.testSent);
      return queryClient.invalidateQueries({ queryKey: keys.deliveries });
    },
    onError,
  });
  const change = useMutation({
    mutationFn: (status: Endpoint['status']) =>
      answer(client.PATCH('/v1/webhook_endpoints/{id}', { ...params, body: { status } })),
    onSuccess: refresh,
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
  return { test, change, remove };
}
