/** Reads event streams as clients do. */
import type { Event } from '@kiln/shared/schemas/event';

export interface Follower {
  status: number;
  headers: Headers;
  /** All events received so far, without comments. */
  events: (Event & { lastEventId: string })[];
  /** Comments and `retry` lines received so far. */
  asides: string[];
  /** Resolves when the stream has ended, or was cut. */
  ended: Promise<'ended' | 'cut'>;
  cut(): void;
}

/** @param lastEventId resumes after this event */
export async function follow(
  url: string,
  lastEventId?: string,
  headers: Record<string, string> = {},
): Promise<Follower> {
  const abort = new AbortController();
  const response = await fetch(url, {
    headers: { ...headers, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
    signal: abort.signal,
  });
  const follower: Follower = {
    status: response.status,
    headers: response.headers,
    events: [],
    asides: [],
    ended: Promise.resolve('ended'),
    cut: () => abort.abort(),
  };
  if (response.status === 200) follower.ended = read(response, follower);
  else await response.body?.cancel();
  return follower;
}

async function read({ body }: Response, { events, asides }: Follower): Promise<'ended' | 'cut'> {
  let rest = '';
  try {
    for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block);
        if (fields === null) {
          asides.push(block);
          continue;
        }
        const [, lastEventId = '', type = '', data = ''] = fields;
        const event = JSON.parse(data) as Event;
        if (event.type !== type || event.id !== lastEventId)
          throw new Error(`the lines of an event disagree: ${block}`);
        events.push({ ...event, lastEventId });
      }
    }
    return 'ended';
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('the lines')) throw error;
    return 'cut';
  }
}
