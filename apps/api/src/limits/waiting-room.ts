/** Callers who wait for a job: each holds a connection, so there is a limit to them. */
import type { FastifyReply } from 'fastify';

export interface WaitingRoom {
  readonly places: number;
  /**
   * Takes a place until the answer has been sent or its caller has hung up; false where none is
   * free.
   */
  enter(reply: FastifyReply): boolean;
}

export function createWaitingRoom(places: number): WaitingRoom {
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
export function hangUpSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (!raw.writableFinished) controller.abort();
  };
  if (raw.destroyed) look();
  else raw.once('close', look);
  return controller.signal;
}
