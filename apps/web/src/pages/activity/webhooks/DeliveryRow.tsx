import { ChevronRight, CircleAlert, CircleCheck, Hourglass } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../../components/display/Badge.tsx';
import { RelativeTime } from '../../../components/display/Time.tsx';
import { useNow } from '../../../components/display/clock.ts';
import { useFormat } from '../../../texts/format.ts';
import { useTexts } from '../../../texts/i18n.ts';
import type { Delivery } from '../types.ts';
import { DeliveryTries } from './DeliveryTries.tsx';
import { webhookTexts } from './texts.ts';

/** A delivery in a line; it opens to its tries. */
export function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const t = useTexts(webhookTexts);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li data-item>
      <details open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary
          className="flex cursor-pointer list-none items-center gap-3 px-4 py-3 transition
            hover:bg-sunken [&::-webkit-details-marker]:hidden"
        >
          <ChevronRight
            aria-hidden
            className="size-[1rem] shrink-0 text-muted transition-transform in-open:rotate-90"
          />
          <span className="flex min-w-0 grow flex-col gap-1">
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-semibold">{delivery.event_type}</span>
              <DeliveryBadge status={delivery.status} />
            </span>
            <span className="truncate text-small text-muted">{delivery.url}</span>
          </span>
          <span className="flex shrink-0 flex-col items-end gap-1 text-small text-muted">
            <RelativeTime at={delivery.created_at} />
            {delivery.status === 'pending' && delivery.next_try_at !== null ? (
              <NextTry at={delivery.next_try_at} />
            ) : (
              <span>{t.tries(delivery.tries.made)}</span>
            )}
          </span>
        </summary>
        {isOpen && <DeliveryTries delivery={delivery} />}
      </details>
    </li>
  );
}

function NextTry({ at }: { at: number }) {
  const t = useTexts(webhookTexts);
  const format = useFormat();
  const now = useNow();
  return <span className="tabular">{t.nextTry({ duration: format.duration(at - now) })}</span>;
}

function DeliveryBadge({ status }: Pick<Delivery, 'status'>) {
  const t = useTexts(webhookTexts);
  const looks = {
    pending: { tone: 'ember', icon: Hourglass, text: t.pending },
    delivered: { tone: 'good', icon: CircleCheck, text: t.delivered },
    failed: { tone: 'bad', icon: CircleAlert, text: t.failedOnes },
  } as const;
  const { tone, icon, text } = looks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {text}
    </Badge>
  );
}
