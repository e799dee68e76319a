/**
 * An answer of server-sent events. Each piece is written when the client has taken those before it,
 * so that a slow one holds little memory here; a thousand clients are told the same at once, so
 * each costs one write and no stream between.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/**
 * Resolves when all of it has been written, or the client is gone. @param stallMs after so long
 * without taking anything the client is cut off
 */
export async function sendEventStream(
  reply: FastifyReply,
  events: AsyncIterable<Buffer>,
  stallMs = Number.POSITIVE_INFINITY,
): Promise<FastifyReply> {
  const { raw, log } = reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  try {
    for await (const piece of events) {
      if (raw.destroyed) break;
      if (raw.write(piece)) continue;
      if ((await taken(raw, stallMs)) === 'stalled') {
        log.info('the client of an event stream takes nothing and is cut off');
        raw.destroy();
      }
    }
    raw.end();
  } catch (err) {
    // The status has been sent: that something is wrong is told by the connection.
    log.error({ err }, 'an event stream broke off');
    raw.destroy();
  }
  return reply;
}

function taken(raw: ServerResponse, stallMs: number): Promise<'taken' | 'stalled'> {
  const { promise, resolve } = Promise.withResolvers<'taken' | 'stalled'>();
  const onTaken = (): void => resolve('taken');
  const timer = Number.isFinite(stallMs)
    ? setTimeout(() => resolve('stalled'), stallMs)
    : undefined;
  raw.on('drain', onTaken).on('close', onTaken);
  return promise.finally(() => {
    clearTimeout(timer);
    raw.off('drain', onTaken).off('close', onTaken);
  });
}
