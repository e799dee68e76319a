/** Events for components that show them, rather than data that they make old. */
import { useEffect, useEffectEvent } from 'react';
import { onLive } from './hub.ts';
import type { LiveEvent } from './live-event.ts';

const beatMs = 250;

/** Calls `onEvents` with the events since the last call, at most four times a second. */
export function useEvents(onEvents: (events: LiveEvent[]) => void): void {
  const receive = useEffectEvent(onEvents);
  useEffect(() => {
    let collected: LiveEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLive({
      onEvent: (event) => {
        collected.push(event);
        timer ??= setTimeout(() => {
          timer = undefined;
          const events = collected;
          collected = [];
          receive(events);
        }, beatMs);
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
}
