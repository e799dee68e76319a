import {
  CircleCheck,
  Ellipsis,
  KeyRound,
  Pencil,
  Power,
  PowerOff,
  RotateCw,
  Send,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../../../components/controls/Button.tsx';
import { IconButton } from '../../../components/controls/IconButton.tsx';
import { cx } from '../../../components/cx.ts';
import { Badge } from '../../../components/display/Badge.tsx';
import { Menu } from '../../../components/overlays/Menu.tsx';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { useIsLeaving } from '../../../undo/do-later.ts';
import type { Endpoint, EndpointWithSecret } from '../types.ts';
import { EditEndpoint } from './EditEndpoint.tsx';
import { Secret } from './Secret.tsx';
import { webhookTexts } from './texts.ts';
import { useEndpointActions } from './use-endpoint-actions.ts';

/** An endpoint; in its place the form that changes it, and above it a secret that is new. */
export function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const t = useTexts(webhookTexts);
  const [isEditing, setIsEditing] = useState(false);
  const [rotated, setRotated] = useState<EndpointWithSecret | null>(null);
  const { id } = endpoint;
  // The form and the secret go away with the focus in them; it returns to the endpoint's button.
  function close(end: () => void): void {
    flushSync(end);
    document.getElementById(`test-${id}`)?.focus();
  }
  if (isEditing)
    return <EditEndpoint endpoint={endpoint} onClose={() => close(() => setIsEditing(false))} />;
  return (
    <>
      {rotated !== null && (
        <Secret
          endpoint={rotated}
          hint={t.rotatedHint}
          onKept={() => close(() => setRotated(null))}
        />
      )}
      <Line endpoint={endpoint} onEdit={() => setIsEditing(true)} onSecret={setRotated} />
    </>
  );
}

interface LineProps {
  endpoint: Endpoint;
  onEdit: () => void;
  onSecret: (endpoint: EndpointWithSecret) => void;
}

/** Whether the endpoint is on, what it receives, and what can be done with it. */
function Line({ endpoint, onEdit, onSecret }: LineProps) {
  const t = useTexts(webhookTexts);
  const format = useFormat();
  const { id, url, status, description, failing_since: failingSince } = endpoint;
  const isLeaving = useIsLeaving(id);
  const { test, change, rotate, redeliver, remove } = useEndpointActions(endpoint, onSecret);
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
          {endpoint.previous_secret_expires_at !== null && (
            <span>{t.oldSecret({ time: format.time(endpoint.previous_secret_expires_at) })}</span>
          )}
          {endpoint.disabled_reason !== null && <span>{reasons[endpoint.disabled_reason]}</span>}
        </p>
      </div>
      <div className="flex items-center gap-2">
        <Button
          id={`test-${id}`}
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
            { label: t.edit, icon: Pencil, onSelect: onEdit },
            { label: t.rotate, icon: KeyRound, onSelect: () => rotate.mutate() },
            { label: t.redeliverAll, icon: RotateCw, onSelect: () => redeliver.mutate() },
            {
              label: isOn ? t.disable : t.enable,
              icon: isOn ? PowerOff : Power,
              unavailable: isLeaving ? t.leaving : undefined,
              startsGroup: true,
              onSelect: () => change.mutate(isOn ? 'disabled' : 'enabled'),
            },
            {
              label: t.remove,
              icon: Trash2,
              isDangerous: true,
              unavailable: isLeaving ? t.leaving : undefined,
              onSelect: remove,
            },
          ]}
        />
      </div>
    </div>
  );
}
