/** Callers who wait for their pictures: each holds a connection, so there is a limit to them. */
import { KilnError } from '@kiln/shared/errors';
import type { FastifyReply } from 'fastify';

export interface WaitingRoom {
  /** Until its answer has been sent or its caller has hung up. Throws `too_many_waiting`, before anything was accepted. */
  enter(reply: FastifyReply): void;
}

export function createWaitingRoom(limit: number): WaitingRoom {
  let waiting = 0;
  return {
    enter({ raw }) {
      if (waiting >= limit) {
        throw new KilnError(
          'too_many_waiting',
          `${limit} requests wait for their pictures already, which is as many as this process takes; nothing was accepted. POST /v1/jobs takes jobs without waiting`,
          { retryAfterMs: 5_000 },
        );
      }
      if (raw.destroyed) return; // its caller has gone before it was looked at
      waiting += 1;
      raw.once('close', () => (waiting -= 1));
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
