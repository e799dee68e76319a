/**
 * Sends what is made while it is sent, such as an archive. It holds a slot of its kind until the
 * last piece is made or the connection is closed. `plugins/downloads.ts` disconnects a caller that
 * does not read, so that it does not keep others from the slot.
 */
import { Readable } from 'node:stream';
import type { WorkLimiter } from '@kiln/shared/services/work-limiter';
import type { FastifyReply } from 'fastify';
import { whenClosed } from '../limits/when-closed.ts';

/**
 * Takes a slot for the answer. Throws the error of the limiter. The slot is given back when the
 * connection is closed, or earlier by `sendPieces`.
 */
export function takeSlot(limiter: WorkLimiter, reply: FastifyReply): () => void {
  const release = limiter.take();
  whenClosed(reply, release);
  return release;
}

/**
 * HEAD makes no pieces. It sends an empty stream, because that keeps the content length; Fastify
 * would read the pieces to their end.
 */
export function sendPieces<T extends string | Uint8Array>(
  reply: FastifyReply,
  pieces: AsyncIterable<T>,
  release: () => void,
): FastifyReply {
  const sent = reply.request.method === 'HEAD' ? [] : pieces;
  return reply.send(Readable.from(releaseAtEnd(sent, release), { objectMode: false }));
}

async function* releaseAtEnd<T>(
  pieces: AsyncIterable<T> | readonly T[],
  release: () => void,
): AsyncGenerator<T> {
  try {
    yield* pieces;
  } finally {
    release();
  }
}
