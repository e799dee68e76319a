/**
 * Events of the API, once for all tabs of a browser. A browser allows six HTTP/1.1 connections to
 * an origin over all its tabs, so one tab, the leader, holds the stream and passes events on by a
 * BroadcastChannel; the others take over when it ends (leader.ts). A stream resumes after the last
 * event that any tab has seen. Where that is impossible, `gap` says that everything may be old.
 */
import { atom } from 'nanostores';
import { basePath } from '../app/base-path.ts';
import { refreshSession } from '../api/session.ts';
import { lead } from './leader.ts';
import type { LiveEvent, LiveStatus } from './live-event.ts';
import { openStream, type Stream } from './stream.ts';

export const liveStatus = atom<LiveStatus>('connecting');

/** `gap`: events may have been missed. `back`: the stream goes on after an interruption. */
type Message =
  | { kind: 'event'; event: LiveEvent }
  | { kind: 'status'; status: LiveStatus }
  | { kind: 'gap' }
  | { kind: 'back' }
  | { kind: 'hello' };

interface Listener {
  onEvent(event: LiveEvent): void;
  onGap(): void;
  onBack(): void;
}

const listeners = new Set<Listener>();
const mostRecent = 200;
let recent: readonly LiveEvent[] = [];
const name = `kiln-live ${basePath}`;
let lastEventId: string | null = null;

/** The last events that have come since the page was loaded, newest first. */
export function recentEvents(): readonly LiveEvent[] {
  return recent;
}

/** Returns a function that ends the subscription. */
export function onLive(listener: Partial<Listener>): () => void {
  const whole = { onEvent: ignore, onGap: ignore, onBack: ignore, ...listener };
  listeners.add(whole);
  return () => void listeners.delete(whole);
}

function ignore(): void {
  // This listener does not want it.
}

/** Follows the events until the returned function is called. */
export function startLive(): () => void {
  const channel = new BroadcastChannel(name);
  let stream: Stream | null = null;

  function tell(message: Message): void {
    channel.postMessage(message);
    receive(message);
  }
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    // A new tab asks the leader how things are.
    if (data.kind !== 'hello') receive(data);
    else if (stream !== null) channel.postMessage({ kind: 'status', status: liveStatus.get() });
  });
  channel.postMessage({ kind: 'hello' });

  const stopLeading = lead(name, () => {
    stream = openStream(() => lastEventId, {
      onEvent: (event) => tell({ kind: 'event', event }),
      onStatus: (status) => tell({ kind: 'status', status }),
      onGap: () => tell({ kind: 'gap' }),
      onBack: () => tell({ kind: 'back' }),
      onRefused: () => void refreshSession(),
    });
    return () => {
      stream?.close();
      stream = null;
    };
  });
  return () => {
    stopLeading();
    channel.close();
    recent = []; // they are not the next visitor's
    liveStatus.set('connecting');
  };
}

function receive(message: Message): void {
  switch (message.kind) {
    case 'event':
      lastEventId = message.event.id;
      recent = [message.event, ...recent].slice(0, mostRecent);
      for (const listener of listeners) listener.onEvent(message.event);
      break;
    case 'status':
      liveStatus.set(message.status);
      break;
    case 'gap':
      lastEventId = null;
      for (const listener of listeners) listener.onGap();
      break;
    case 'back':
      for (const listener of listeners) listener.onBack();
      break;
    case 'hello':
      break;
  }
}
