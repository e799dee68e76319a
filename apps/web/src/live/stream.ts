/**
 * One connection to `/v1/events`. EventSource reconnects by itself after a cut, with the id of the
 * last event; where it gives up (a proxy's 502, a restart), this opens another one. EventSource
 * does not say why it was refused, so a refusal is looked up with a plain request.
 */
import { baseUrl } from '../app/base-path.ts';
import { eventTypes } from './event-types.ts';
import type { LiveEvent, LiveStatus } from './live-event.ts';

export interface StreamListener {
  onEvent(event: LiveEvent): void;
  onStatus(status: LiveStatus): void;
  /** Events before this connection may be missing. */
  onGap(): void;
  onBack(): void;
  /** The visitor may have to sign in. */
  onRefused(): void;
}

export interface Stream {
  close(): void;
}

const firstWaitMs = 500;
const longestWaitMs = 8_000;

export function openStream(lastEventId: () => string | null, listener: StreamListener): Stream {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = firstWaitMs;
  let isInterrupted = false;

  function connect(): void {
    const url = new URL('v1/events', baseUrl);
    const after = lastEventId();
    if (after !== null) url.searchParams.set('last_event_id', after);
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener('open', () => {
      waitMs = firstWaitMs;
      listener.onStatus('live');
      // Without an event to resume after, something may have happened before the stream was open.
      if (lastEventId() === null) listener.onGap();
      else if (isInterrupted) listener.onBack();
      isInterrupted = false;
    });
    opened.addEventListener('error', () => {
      isInterrupted = true;
      listener.onStatus('reconnecting');
      if (opened.readyState === EventSource.CLOSED) void connectLater(after);
    });
    // An EventSource passes on only the types that it has a listener for.
    for (const type of eventTypes) {
      opened.addEventListener(type, ({ data }: MessageEvent<string>) =>
        listener.onEvent(JSON.parse(data) as LiveEvent),
      );
    }
  }

  async function connectLater(after: string | null): Promise<void> {
    const reason = await findReason(after);
    if (reason === 'gone') listener.onGap();
    if (reason === 'refused') listener.onRefused();
    if (source === null) return; // closed meanwhile
    timer = setTimeout(connect, waitMs);
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }

  connect();
  return {
    close() {
      clearTimeout(timer);
      source?.close();
      source = null;
    },
  };
}

/** Asks for one stored event in the same way, because that has a status that can be read. */
async function findReason(after: string | null): Promise<'away' | 'refused' | 'gone'> {
  const url = new URL('v1/events', baseUrl);
  url.searchParams.set('limit', '1');
  if (after !== null) url.searchParams.set('last_event_id', after);
  try {
    const { status } = await fetch(url, { headers: { accept: 'application/json' } });
    if (status === 401) return 'refused';
    return status === 410 || status === 400 ? 'gone' : 'away';
  } catch {
    return 'away';
  }
}
