/**
 * Formats server-sent events. A stream sends a comment in every silence, so that proxies on the way
 * do not close the connection.
 */

export const silenceMs = 15_000;

export function formatComment(text: string): Buffer {
  return Buffer.from(`: ${text}\n\n`);
}

/**
 * Formats a comment with an id but no event. The client sends the id when it reconnects, because an
 * id without data also sets the last event id (HTML, 9.2.6).
 */
export function formatCursorComment(id: string): Buffer {
  return Buffer.from(`: waiting\nid: ${id}\n\n`);
}

/** Formats the delay after which a client reconnects. */
export function formatRetry(retryMs: number): Buffer {
  return Buffer.from(`retry: ${Math.round(retryMs)}\n\n`);
}

/** @param id the client sends it as `Last-Event-ID` when it reconnects */
export function formatEvent(event: { id?: string; type: string; data: object }): Buffer {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  return Buffer.from(`${id}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
}
