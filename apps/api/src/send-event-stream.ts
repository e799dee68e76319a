/** An answer of server-sent events. It is written at the pace at which its client takes it. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Held for a client that takes nothing, besides one piece. */
const heldBytes = 65_536;

export function sendEventStream(reply: FastifyReply, events: AsyncIterable<Buffer>): FastifyReply {
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-cache, no-transform')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(events, { objectMode: false, highWaterMark: heldBytes }));
}

/** Calls back when a piece has not been taken for so long; what follows waits behind it. */
export async function* watchStalls(
  events: AsyncIterable<Buffer>,
  limitMs: number,
  onStall: () => void,
): AsyncGenerator<Buffer> {
  for await (const piece of events) {
    const timer = setTimeout(onStall, limitMs);
    try {
      yield piece;
    } finally {
      clearTimeout(timer);
    }
  }
}
