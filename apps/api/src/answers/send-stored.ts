/**
 * Sends stored bytes (RFC 9110): whole, as a range, as a 304 when the caller has them already, or
 * by a redirect to the store for callers that can follow it.
 */
import { Readable } from 'node:stream';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { followsRedirects } from '../requests/follows-redirects.ts';
import { parseRange } from '../requests/http-range.ts';
import { endAtLength } from './end-at-length.ts';

export interface StoredContent {
  bytes: number;
  sha256: string;
  open(range?: { start: number; end: number }): Promise<Readable>;
  /** Returns a URL where the store itself serves the bytes, or null when it does not. */
  link(): Promise<string | null>;
  /** Subject of error messages, such as `the image`. */
  what: string;
  /**
   * Sets the headers that describe the bytes. Called only when the bytes are available: caches
   * would otherwise keep an error longer than its cause lasts.
   */
  describe(): FastifyReply;
}

/** Throws `range_not_satisfiable`, and what `open` throws. */
export async function sendStored(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, sha256, open, link, what, describe }: StoredContent,
): Promise<FastifyReply> {
  const etag = `"${sha256}"`;
  const describeAll = () => describe().header('etag', etag).header('accept-ranges', 'bytes');
  if (matchesEtag(request.headers['if-none-match'], etag)) return describeAll().code(304).send();

  // HEAD is answered here, because a URL is signed for GET only. Read one byte to check that the
  // object exists. HEAD ignores Range, which is defined for GET only.
  if (request.method === 'HEAD') {
    (await open({ start: 0, end: 0 })).destroy();
    return describeAll().header('content-length', bytes).send(Readable.from([]));
  }
  const url = followsRedirects(request) ? await link() : null;
  if (url !== null) return reply.header('cache-control', 'no-store').redirect(url, 302);

  const isSameVersion = (request.headers['if-range'] ?? etag) === etag;
  const range = parseRange(isSameVersion ? request.headers.range : undefined, bytes);
  switch (range.status) {
    case 'whole': {
      const stream = endAtLength(await open(), bytes);
      return describeAll().header('content-length', bytes).send(stream);
    }
    case 'part': {
      const length = range.end - range.start + 1;
      const stream = endAtLength(await open(range), length);
      void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${bytes}`);
      return describeAll().header('content-length', length).send(stream);
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

function matchesEtag(header: string | undefined, etag: string): boolean {
  return header !== undefined && (header.trim() === '*' || header.includes(etag));
}
