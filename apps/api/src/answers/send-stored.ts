/**
 * Stored bytes as an answer (RFC 9110): whole, in part, not at all where the caller has them, or by
 * a redirect to the store.
 */
import { Readable } from 'node:stream';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseRange } from '../requests/http-range.ts';

export interface Stored {
  bytes: number;
  sha256: string;
  open(range?: { start: number; end: number }): Promise<Readable>;
  /** A URL at which the store itself gives the bytes, whole or in part; null: it does not. */
  link(): Promise<string | null>;
  /** For messages, as `the image`. */
  what: string;
  /**
   * Sets the headers that tell of the bytes; called only when they are at hand: an error that may
   * be kept would outlive its cause.
   */
  describe(): FastifyReply;
}

/** Throws `range_not_satisfiable`, and what `open` throws. */
export async function sendStored(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, sha256, open, link, what, describe }: Stored,
): Promise<FastifyReply> {
  const etag = `"${sha256}"`;
  const describeAll = () => describe().header('etag', etag).header('accept-ranges', 'bytes');
  if (namesVersion(request.headers['if-none-match'], etag)) return describeAll().code(304).send();

  // A URL is signed for GET alone, and a range is asked for by GET alone: HEAD is answered here,
  // with what a redirect cannot say. One byte is read, to know that they are there.
  if (request.method === 'HEAD') {
    (await open({ start: 0, end: 0 })).destroy();
    return describeAll().header('content-length', bytes).send(Readable.from([]));
  }
  const url = await link();
  if (url !== null) return reply.header('cache-control', 'no-store').redirect(url, 302);

  const isSameVersion = (request.headers['if-range'] ?? etag) === etag;
  const range = parseRange(isSameVersion ? request.headers.range : undefined, bytes);
  switch (range.status) {
    case 'whole': {
      const stream = await open();
      return describeAll().header('content-length', bytes).send(stream);
    }
    case 'part': {
      const stream = await open(range);
      void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${bytes}`);
      return describeAll()
        .header('content-length', range.end - range.start + 1)
        .send(stream);
    }
    case 'unsatisfiable':
      void reply.header('content-range', `bytes */${bytes}`);
      throw new KilnError(
        'range_not_satisfiable',
        `Range: received "${request.headers.range}"; ${what} has ${bytes} bytes`,
        { param: 'Range' },
      );
  }
}

function namesVersion(header: string | undefined, etag: string): boolean {
  return header !== undefined && (header.trim() === '*' || header.includes(etag));
}
