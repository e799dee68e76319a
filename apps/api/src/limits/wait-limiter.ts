/** Limits how many requests wait for a job at a time, because each holds a connection. */
import type { FastifyReply } from 'fastify';
import { whenClosed } from './when-closed.ts';

export interface WaitLimiter {
  readonly maxWaiting: number;
  /**
   * Takes a slot until the response is sent or the caller disconnects. Returns false when all slots
   * are taken.
   */
  admit(reply: FastifyReply): boolean;
}

export function createWaitLimiter(maxWaiting: number): WaitLimiter {
  let waiting = 0;
  return {
    maxWaiting,
    admit(reply) {
      if (waiting >= maxWaiting) return false;
      waiting += 1;
      whenClosed(reply, () => (waiting -= 1));
      return true;
    },
  };
}

/** Aborts when the caller disconnects before the response is complete. */
export function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  whenClosed(reply, () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
