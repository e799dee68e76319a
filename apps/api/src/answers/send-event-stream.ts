/**
 * Sends server-sent events. Each piece is written after the client has accepted the earlier ones,
 * so that a slow client needs little memory here. Events go out to a thousand clients at once, so
 * each piece is one write to the socket, without a stream in between.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/**
 * Resolves when everything is written or the client has disconnected.
 * @param stallMs a client that accepts nothing for this long is disconnected
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
      if ((await waitForDrain(raw, stallMs)) === 'stalled') {
        log.info('the client of an event stream stopped reading and was disconnected');
        raw.destroy();
      }
    }
    raw.end();
  } catch (err) {
    // The status was already sent, so only a broken connection can show the error.
    log.error({ err }, 'an event stream failed and was cut off');
    raw.destroy();
  }
  return reply;
}

function waitForDrain(raw: ServerResponse, stallMs: number): Promise<'drained' | 'stalled'> {
  const { promise, resolve } = Promise.withResolvers<'drained' | 'stalled'>();
  const onDrained = (): void => resolve('drained');
  const timer = Number.isFinite(stallMs)
    ? setTimeout(() => resolve('stalled'), stallMs)
    : undefined;
  raw.on('drain', onDrained).on('close', onDrained);
  return promise.finally(() => {
    clearTimeout(timer);
    raw.off('drain', onDrained).off('close', onDrained);
  });
}
