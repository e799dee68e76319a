/**
 * Limits the memory of JSON bodies that contain pictures. Each of them is buffered whole, in three
 * copies while it is parsed, until its job is accepted. All of them together have a limit; a body
 * that would exceed it is refused before it is read. Forms are streamed and not counted.
 */
import { Readable } from 'node:stream';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { isCompressed } from '../plugins/compressed-body.ts';
import { bodyLimitBytes, maxBufferedBodyBytes, submissionLimitBytes } from './body-limits.ts';
import { whenClosed } from './when-closed.ts';

export interface LargeBodyLimiter {
  /**
   * Drops the body and frees its bytes. Call it when everything the body asked for is stored, so
   * that a request that waits for its answer holds no body.
   */
  release(request: FastifyRequest): void;
}

interface Reservation {
  add(bytes: number): 'reserved' | 'full';
  release(): void;
}

/** Bodies up to `bodyLimitBytes` are not counted. */
export function addLargeBodyLimiter(
  app: FastifyInstance,
  limit = maxBufferedBodyBytes,
): LargeBodyLimiter {
  const reservations = new WeakMap<FastifyRequest, Reservation>();
  let reserved = 0;

  function createReservation(): Reservation {
    let own = 0;
    return {
      add(bytes) {
        if (reserved + bytes > limit) return 'full';
        reserved += bytes;
        own += bytes;
        return 'reserved';
      },
      release() {
        reserved -= own;
        own = 0;
      },
    };
  }

  app.addHook('preParsing', async (request, reply, payload) => {
    if (!isLarge(request)) return payload;
    const reservation = createReservation();
    reservations.set(request, reservation);
    whenClosed(reply, () => reservation.release());
    const length = request.headers['content-length'];
    if (length !== undefined && !isCompressed(request)) {
      if (reservation.add(Number(length)) === 'full') throw busy(limit);
      return payload;
    }
    const body: RequestPayload = Readable.from(reserveAsRead(payload, reservation, limit));
    // Fastify compares it with the content length of a compressed body.
    Object.defineProperty(body, 'receivedEncodedLength', {
      get: () => payload.receivedEncodedLength,
    });
    whenClosed(reply, () => body.destroy());
    return body;
  });

  return {
    release(request) {
      request.body = undefined;
      reservations.get(request)?.release();
    },
  };
}

/**
 * True when the headers announce a JSON body above `bodyLimitBytes` on a route that allows one, or
 * do not say how long it is: it comes in chunks, or compressed. Forms are not buffered, and the
 * parser refuses bodies above the route's limit.
 */
function isLarge(request: FastifyRequest): boolean {
  const { headers, routeOptions } = request;
  if (!headers['content-type']?.toLowerCase().startsWith('application/json')) return false;
  const limit = routeOptions.bodyLimit ?? 0;
  if (limit <= bodyLimitBytes) return false;
  if (isCompressed(request)) return true;
  const length = Number(headers['content-length']);
  return Number.isNaN(length)
    ? headers['transfer-encoding'] !== undefined
    : length > bodyLimitBytes && length <= limit;
}

/**
 * Reserves the bytes of a body without a stated length as they arrive. A refused body is still read
 * to its end, because most clients read no response before they have sent everything.
 */
async function* reserveAsRead(
  body: Readable,
  reservation: Reservation,
  limit: number,
): AsyncGenerator<Buffer> {
  let size = 0;
  let isRefused = false;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (!isRefused && size > bodyLimitBytes)
        isRefused = reservation.add(Math.min(chunk.length, size - bodyLimitBytes)) === 'full';
      if (!isRefused) yield chunk;
      else if (size > submissionLimitBytes) break;
    }
  } finally {
    body.resume();
  }
  if (isRefused) throw busy(limit);
}

function busy(limit: number): KilnError {
  return new KilnError(
    'large_bodies_busy',
    `the body: bodies with pictures already use the ${limit.toLocaleString('en')} bytes this ` +
      'process buffers at a time; nothing was accepted. Retry, or upload the pictures as files, ' +
      'which are not counted',
    { retryAfterMs: 1_000 },
  );
}
