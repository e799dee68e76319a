/** Callers who wait for a job: each holds a connection, so there is a limit to them. */
import type { FastifyReply } from 'fastify';

export interface WaitLimiter {
  readonly places: number;
  /**
   * Takes a place until the answer has been sent or its caller has hung up; false where none is
   * free.
   */
  enter(reply: FastifyReply): boolean;
}

export function createWaitLimiter(places: number): WaitLimiter {
  let waiting = 0;
  return {
    places,
    enter({ raw }) {
      if (waiting >= places) return false;
      if (raw.destroyed) return true; // its caller has gone before it was looked at
      waiting += 1;
      raw.once('close', () => (waiting -= 1));
      return true;
    },
  };
}

/** Aborted when the caller goes away before the end of its answer. */
export function disconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (!raw.writableFinished) controller.abort();
  };
  if (raw.destroyed) look();
  else raw.once('close', look);
  return controller.signal;
}
