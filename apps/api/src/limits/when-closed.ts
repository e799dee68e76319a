/** Ends what a request holds, however its connection ends. */
import type { FastifyReply } from 'fastify';

/** Calls `action` once, when the answer is sent or the caller disconnects; at once if it has. */
export function whenClosed({ raw }: Pick<FastifyReply, 'raw'>, action: () => void): void {
  if (raw.destroyed) action();
  else raw.once('close', action);
}
