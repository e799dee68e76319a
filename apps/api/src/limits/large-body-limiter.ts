/**
 * Limits the memory of JSON bodies.
 *
 * Problem: a body is buffered whole, in three copies while it is parsed, and a client may take half
 * a minute to send it; a body with pictures has up to 20 MB.
 * Approach: all bodies together have a limit. A body that would exceed it is refused, before it is
 * read if it states its length. Bodies without pictures have a limit of their own, so that a few
 * large ones do not keep them out. The shortest bodies are not counted.
 * Guarantee: `maxBufferedBodyBytes` for each of the two. Forms are streamed (`uploads.ts`).
 */
import { Readable } from 'node:stream';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { isCompressed } from '../plugins/compressed-body.ts';
import {
  bodyLimitBytes,
  maxBufferedBodyBytes,
  submissionLimitBytes,
  uncountedBytes,
} from './body-limits.ts';
import { createByteBudget } from './byte-budget.ts';
import { whenClosed } from './when-closed.ts';

export interface LargeBodyLimiter {
  /**
   * Drops the body and frees its bytes. Call it when everything the body asked for is stored, so
   * that a request that waits for its answer holds no body.
   */
  release(request: FastifyRequest): void;
}

interface Reservation {
  /** Reserves the bytes of a body from `begin` up to `end`. */
  add(begin: number, end: number): 'reserved' | 'full';
  release(): void;
}

export function addLargeBodyLimiter(
  app: FastifyInstance,
  limit = maxBufferedBodyBytes,
): LargeBodyLimiter {
  const reservations = new WeakMap<FastifyRequest, Reservation>();
  const budgets = [
    { from: uncountedBytes, to: bodyLimitBytes, budget: createByteBudget(limit) },
    { from: bodyLimitBytes, to: Number.POSITIVE_INFINITY, budget: createByteBudget(limit) },
  ];

  function createReservation(): Reservation {
    const parts = budgets.map(({ budget, ...range }) => ({ ...range, bytes: budget.open() }));
    return {
      add(begin, end) {
        for (const { from, to, bytes } of parts) {
          const counted = Math.min(end, to) - Math.max(begin, from);
          if (counted > 0 && bytes.add(counted) === 'full') return 'full';
        }
        return 'reserved';
      },
      release() {
        for (const { bytes } of parts) bytes.release();
      },
    };
  }

  app.addHook('preParsing', async (request, reply, payload) => {
    const length = countedLength(request);
    if (length === 0) return payload;
    const reservation = createReservation();
    reservations.set(request, reservation);
    whenClosed(reply, () => reservation.release());
    if (length !== null) {
      if (reservation.add(0, length) === 'full') throw bodiesBusy(limit);
      return payload;
    }
    const body: RequestPayload = Readable.from(reserveAsRead(payload, reservation, limit));
    // Fastify compares it with the content length of a compressed body.
    Object.defineProperty(body, 'receivedEncodedLength', {
      get: () => payload.receivedEncodedLength,
    });
    // Fastify stops listening once the body is too large; a later error would end the process.
    body.on('error', () => undefined);
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
 * The bytes of a JSON body, as the headers announce them; null if they do not say it, because it
 * comes in chunks or compressed. 0 for a body that is not counted: it is short, or it is longer
 * than the route allows, and the parser refuses it.
 */
function countedLength(request: FastifyRequest): number | null {
  const { headers, routeOptions } = request;
  if (!headers['content-type']?.toLowerCase().startsWith('application/json')) return 0;
  if (isCompressed(request)) return null;
  const length = headers['content-length'];
  if (length === undefined) return headers['transfer-encoding'] === undefined ? 0 : null;
  const isCounted =
    Number(length) > uncountedBytes && Number(length) <= (routeOptions.bodyLimit ?? 0);
  return isCounted ? Number(length) : 0;
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
      const begin = size;
      size += chunk.length;
      isRefused ||= reservation.add(begin, size) === 'full';
      if (!isRefused) yield chunk;
      else if (size > submissionLimitBytes) break;
    }
  } finally {
    body.resume();
  }
  if (isRefused) throw bodiesBusy(limit);
}

export function bodiesBusy(limit: number): KilnError {
  return new KilnError(
    'large_bodies_busy',
    `the body: other requests already use the ${limit.toLocaleString('en')} bytes this process ` +
      'buffers at a time; nothing was accepted. Retry, or upload pictures as files, which are ' +
      'not counted',
    { retryAfterMs: 1_000 },
  );
}
