/**
 * Unpacks request bodies with `content-encoding: gzip` while they arrive, so that every limit of a
 * body counts what it unpacks to. Other encodings are refused by name, and so are compressed forms,
 * whose parser reads the connection itself. A body may unpack to a hundred times its size.
 */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { whenClosed } from '../limits/when-closed.ts';

const encodings: readonly (string | undefined)[] = ['gzip', 'x-gzip'];

/** Text is packed to a tenth, repeated rows to a fiftieth; gzip can reach a thousandth. */
const maxRatio = 100;
/** Bodies that unpack to less may have any ratio. */
const freeBytes = 1024 * 1024;

export function addCompressedBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    if (!isCompressed(request)) return payload;
    refuseUnknown(request, reply);
    return openUnpacked(payload, reply);
  });
}

/** Whether there is a body, and it has another encoding than `identity`. */
export function isCompressed(request: FastifyRequest): boolean {
  const { headers } = request;
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody && !['', 'identity'].includes(encodingOf(request));
}

function encodingOf({ headers }: FastifyRequest): string {
  return (headers['content-encoding'] ?? '').trim().toLowerCase();
}

function refuseUnknown(request: FastifyRequest, reply: FastifyReply): void {
  const encoding = encodingOf(request);
  const isForm = /^multipart\//i.test(request.headers['content-type'] ?? '');
  if (encodings.includes(encoding) && !isForm) return;
  // RFC 9110, 15.5.16: the header says what would be accepted.
  void reply.header('accept-encoding', isForm ? 'identity' : 'gzip');
  throw new KilnError(
    'unsupported_content_encoding',
    isForm
      ? `content-encoding: received "${encoding.slice(0, 100)}"; a form is not accepted ` +
          'compressed: send it without content-encoding'
      : `content-encoding: received "${encoding.slice(0, 100)}"; bodies are accepted with gzip, ` +
          'or without content-encoding',
    { param: 'content-encoding' },
  );
}

function openUnpacked(packed: RequestPayload, reply: FastifyReply): RequestPayload {
  let packedBytes = 0;
  const unpacked: RequestPayload = Readable.from(unpack(packed, (bytes) => (packedBytes += bytes)));
  // Fastify compares it with the content length.
  Object.defineProperty(unpacked, 'receivedEncodedLength', { get: () => packedBytes });
  // Fastify stops listening once the body is too large; a later error would end the process.
  unpacked.on('error', () => undefined);
  // A refused body is not unpacked any further.
  whenClosed(reply, () => unpacked.destroy());
  return unpacked;
}

/** @param count is called with the bytes of each chunk, and returns how many came in all */
async function* unpack(packed: Readable, count: (bytes: number) => number): AsyncGenerator<Buffer> {
  let packedBytes = 0;
  async function* readPacked(): AsyncGenerator<Buffer> {
    // Destroying the request would cut the connection before the answer is sent.
    for await (const chunk of packed.iterator({ destroyOnReturn: false })) {
      packedBytes = count((chunk as Buffer).length);
      yield chunk as Buffer;
    }
  }
  const gunzip = createGunzip();
  let bytes = 0;
  try {
    // The loop below receives the errors.
    pipeline(Readable.from(readPacked()), gunzip, () => undefined);
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > freeBytes && bytes > packedBytes * maxRatio) throw tooDense();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof KilnError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new KilnError(
      'invalid_request',
      `content-encoding: the body is not complete and valid gzip (${reason})`,
      { param: 'content-encoding', cause: error },
    );
  } finally {
    gunzip.destroy();
    // Most clients read no answer before they have sent everything.
    packed.resume();
  }
}

function tooDense(): KilnError {
  return new KilnError(
    'body_too_large',
    `the body: it unpacks to more than ${maxRatio} times its size; send it without ` +
      'content-encoding',
  );
}
