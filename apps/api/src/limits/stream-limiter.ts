/**
 * Event streams hold a connection each for as long as their clients like, so there is a limit to
 * them: for each caller, and for the process.
 */
import type { Config } from '@kiln/shared/config';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyReply } from 'fastify';

export interface StreamLimiter {
  /** Until the answer has been sent or its caller has hung up. Throws `too_many_streams`. */
  take(caller: string, reply: FastifyReply): void;
}

export function createStreamLimiter(
  limits: Pick<Config, 'eventStreams' | 'eventStreamsPerCaller'>,
): StreamLimiter {
  const byCaller = new Map<string, number>();
  let all = 0;
  return {
    take(caller, { raw }) {
      const own = byCaller.get(caller) ?? 0;
      if (own >= limits.eventStreamsPerCaller)
        throw refusal(
          `${own} event streams of this caller are open, which is as many as one may have`,
        );
      if (all >= limits.eventStreams)
        throw refusal(`${all} event streams are open, which is as many as this process serves`);
      if (raw.destroyed) return; // its caller has gone before it was looked at
      byCaller.set(caller, own + 1);
      all += 1;
      raw.once('close', () => {
        all -= 1;
        const left = (byCaller.get(caller) ?? 1) - 1;
        if (left === 0) byCaller.delete(caller);
        else byCaller.set(caller, left);
      });
    },
  };
}

function refusal(message: string): KilnError {
  return new KilnError(
    'too_many_streams',
    `${message}; close one, or follow several jobs on one stream of /v1/events`,
    { retryAfterMs: 5_000 },
  );
}
