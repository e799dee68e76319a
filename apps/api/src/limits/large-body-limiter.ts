/**
 * JSON bodies with pictures in them: each is held whole, three times over while it is read, until
 * its job is accepted. All of them together have a limit, and one that finds no room is refused
 * before it is read.
 */
import { Readable } from 'node:stream';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bodyLimitBytes, maxBufferedBodyBytes, submissionLimitBytes } from './body-limits.ts';

export interface LargeBodyLimiter {
  /**
   * The body is needed no longer, as everything it asked for is written down: whoever waits for an
   * answer holds none.
   */
  drop(request: FastifyRequest): void;
}

interface Place {
  take(bytes: number): 'taken' | 'full';
  leave(): void;
}

/** Bodies of an ordinary size are not counted. */
export function addLargeBodyLimiter(
  app: FastifyInstance,
  limit = maxBufferedBodyBytes,
): LargeBodyLimiter {
  const places = new WeakMap<FastifyRequest, Place>();
  let held = 0;

  function open(): Place {
    let own = 0;
    return {
      take(bytes) {
        if (held + bytes > limit) return 'full';
        held += bytes;
        own += bytes;
        return 'taken';
      },
      leave() {
        held -= own;
        own = 0;
      },
    };
  }

  app.addHook('preParsing', async (request, reply, payload) => {
    if (!isLarge(request)) return payload;
    const place = open();
    places.set(request, place);
    whenClosed(reply, () => place.leave());
    const length = request.headers['content-length'];
    if (length !== undefined) {
      if (place.take(Number(length)) === 'full') throw busy(limit);
      return payload;
    }
    const body = Readable.from(counted(request.raw, place, limit));
    whenClosed(reply, () => body.destroy());
    return body;
  });

  return {
    drop(request) {
      request.body = undefined;
      places.get(request)?.leave();
    },
  };
}

/**
 * Larger than on most routes, as far as it says. Forms are not held, and the parser refuses what is
 * too large for the route.
 */
function isLarge({ headers, routeOptions }: FastifyRequest): boolean {
  if (!headers['content-type']?.toLowerCase().startsWith('application/json')) return false;
  const limit = routeOptions.bodyLimit ?? 0;
  if (limit <= bodyLimitBytes) return false;
  const length = Number(headers['content-length']);
  return Number.isNaN(length)
    ? headers['transfer-encoding'] !== undefined
    : length > bodyLimitBytes && length <= limit;
}

/**
 * One that does not say how long it is takes its room as it comes. Refused, it is read to its end
 * all the same: most clients hear nothing before.
 */
async function* counted(body: Readable, place: Place, limit: number): AsyncGenerator<Buffer> {
  let size = 0;
  let isRefused = false;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (!isRefused && size > bodyLimitBytes)
        isRefused = place.take(Math.min(chunk.length, size - bodyLimitBytes)) === 'full';
      if (!isRefused) yield chunk;
      else if (size > submissionLimitBytes) break;
    }
  } finally {
    body.resume();
  }
  if (isRefused) throw busy(limit);
}

function whenClosed({ raw }: FastifyReply, action: () => void): void {
  if (raw.destroyed) action();
  else raw.once('close', action);
}

function busy(limit: number): KilnError {
  return new KilnError(
    'large_bodies_busy',
    `bodies with pictures in them come to ${limit.toLocaleString('en')} bytes already, which is as much as this process reads at a time; nothing was accepted. Pictures that are uploaded as files are not counted`,
    { retryAfterMs: 1_000 },
  );
}
