/**
 * How server-sent events are written. What streams events sends a comment into every silence, or
 * whatever lies on the way may cut it.
 */

export const silenceMs = 15_000;

export function formatComment(text: string): Buffer {
  return Buffer.from(`: ${text}\n\n`);
}

/**
 * No event, and yet what the client says when it comes back (HTML, 9.2.6: the last event ID is set
 * though there is no data).
 */
export function formatCursorComment(id: string): Buffer {
  return Buffer.from(`: waiting\nid: ${id}\n\n`);
}

/** Milliseconds after which a client comes back whose connection has ended. */
export function formatRetry(retryMs: number): Buffer {
  return Buffer.from(`retry: ${Math.round(retryMs)}\n\n`);
}

/** @param id comes back as `Last-Event-ID` */
export function formatEvent(event: { id?: string; type: string; data: object }): Buffer {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  return Buffer.from(`${id}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
}
