import { useStore } from '@nanostores/react';
import { Eraser, Pause, Play, Radio } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/controls/Button.tsx';
import { EmptyState } from '../../../components/display/EmptyState.tsx';
import { useListKeys } from '../../../keyboard/list-keys.ts';
import { liveStatus, recentEvents } from '../../../live/hub.ts';
import type { LiveEvent } from '../../../live/live-event.ts';
import { useEvents } from '../../../live/use-events.ts';
import { useTexts } from '../../../texts/i18n.ts';
import { activityTexts } from '../texts.ts';
import { EventRow } from './EventRow.tsx';

const mostKept = 200;

/** Events as they come, newest first. They can be held still to be read. */
export function EventsView() {
  const t = useTexts(activityTexts);
  const status = useStore(liveStatus);
  useListKeys();
  const [events, setEvents] = useState(recentEvents);
  const [heldBack, setHeldBack] = useState<readonly LiveEvent[] | null>(null);

  useEvents((fresh) => {
    const newestFirst = fresh.toReversed();
    if (heldBack === null) setEvents((kept) => [...newestFirst, ...kept].slice(0, mostKept));
    else setHeldBack([...newestFirst, ...heldBack].slice(0, mostKept));
  });

  function goOn(): void {
    setEvents((kept) => [...(heldBack ?? []), ...kept].slice(0, mostKept));
    setHeldBack(null);
  }

  if (events.length === 0 && (heldBack ?? []).length === 0)
    return (
      <EmptyState icon={Radio} title={status === 'live' ? t.listening : t.connecting}>
        {t.listeningHint}
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        {heldBack === null ? (
          <Button size="small" icon={Pause} onClick={() => setHeldBack([])}>
            {t.pauseEvents}
          </Button>
        ) : (
          <Button size="small" icon={Play} onClick={goOn}>
            {t.resumeEvents}
          </Button>
        )}
        <Button size="small" variant="plain" icon={Eraser} onClick={() => setEvents([])}>
          {t.clearEvents}
        </Button>
        {heldBack !== null && heldBack.length > 0 && (
          <span className="text-small text-muted">{t.heldBack(heldBack.length)}</span>
        )}
      </div>
      <ol className="flex flex-col divide-y divide-line rounded-large border border-line bg-surface">
        {events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ol>
    </div>
  );
}
