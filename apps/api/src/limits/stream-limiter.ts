/**
 * Limits open event streams, per caller and per process, because each holds a connection for as
 * long as its client wants.
 */
import type { Config } from '@kiln/shared/config';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyReply } from 'fastify';
import { whenClosed } from './when-closed.ts';

export interface StreamLimiter {
  /**
   * Takes a slot until the response is sent or the caller disconnects. Throws `too_many_streams`.
   */
  admit(caller: string, reply: FastifyReply): void;
}

export function createStreamLimiter(
  limits: Pick<Config, 'eventStreams' | 'eventStreamsPerCaller'>,
): StreamLimiter {
  const byCaller = new Map<string, number>();
  let all = 0;
  return {
    admit(caller, reply) {
      const own = byCaller.get(caller) ?? 0;
      if (own >= limits.eventStreamsPerCaller)
        throw refusal(`this caller has ${own} event streams open, the most one caller may have`);
      if (all >= limits.eventStreams)
        throw refusal(`${all} event streams are open, the most this process serves`);
      byCaller.set(caller, own + 1);
      all += 1;
      whenClosed(reply, () => {
        all -= 1;
        const remaining = (byCaller.get(caller) ?? 1) - 1;
        if (remaining === 0) byCaller.delete(caller);
        else byCaller.set(caller, remaining);
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
