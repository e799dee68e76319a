/**
 * Undoes the compression of a body.
 *
 * Problem: Kiln asks for `identity`, but gateways compress anyway, and others write a
 * `content-encoding` on a body that is not encoded.
 * Approach: the first bytes decide. gzip, zlib and zstd have a signature; brotli and raw deflate
 * have none, so a body that claims one of them is decoded unless it begins as text.
 * Guarantee: no more than `maxDecodedBytes` are yielded, however small the body was. A body that
 * breaks off yields what came before.
 * Used by `read-answer.ts`.
 */
import { pipeline, Readable, type Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

type Coding = 'gzip' | 'zlib' | 'zstd' | 'br' | 'raw deflate' | 'none';

const maxDecodedBytes = 512 * 1024 * 1024;
/** Enough bytes to tell a signature, and text from bytes. */
const sniffedBytes = 16;
/** A body that was compressed by the server and again by a gateway. */
const maxLayers = 2;

/** @param declared the header `content-encoding` */
export async function* decodeBody(
  chunks: AsyncGenerator<Uint8Array>,
  declared: string | null,
  layers = 0,
): AsyncGenerator<Uint8Array> {
  const { first, isAll } = await readFirst(chunks);
  const coding = layers < maxLayers ? codingOf(first, declared ?? '') : 'none';
  const whole = prepend(first, isAll, chunks);
  if (coding === 'none') {
    yield* whole;
    return;
  }
  // What was declared is undone now; a second layer shows only by its signature.
  yield* decodeBody(decompress(whole, createDecoder(coding)), null, layers + 1);
}

/** Reads until the first bytes decide, but does not wait when the very first byte does. */
async function readFirst(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<{ first: Buffer; isAll: boolean }> {
  let first = Buffer.alloc(0);
  while (first.length < sniffedBytes && (first.length === 0 || mayBeEncoded(first))) {
    const next = await chunks.next();
    if (next.done === true) return { first, isAll: true };
    first = Buffer.concat([first, next.value]);
  }
  return { first, isAll: false };
}

/** No JSON, event or white space begins with these bytes, except for brotli and raw deflate. */
function mayBeEncoded(first: Buffer): boolean {
  return !/^[\s{:deir]/.test(first.toString('latin1', 0, 1));
}

async function* prepend(
  first: Buffer,
  isAll: boolean,
  chunks: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  if (!isAll) yield* chunks;
}

function codingOf(first: Buffer, declared: string): Coding {
  const [one = 0, two = 0, three = 0, four = 0] = first;
  if (one === 0x1f && two === 0x8b) return 'gzip';
  if (one === 0x28 && two === 0xb5 && three === 0x2f && four === 0xfd) return 'zstd';
  if (one === 0x78 && ((one << 8) | two) % 31 === 0) return 'zlib';
  if (first.length === 0 || isText(first)) return 'none';
  if (/\bbr\b/i.test(declared)) return 'br';
  return /\bdeflate\b/i.test(declared) ? 'raw deflate' : 'none';
}

function isText(first: Buffer): boolean {
  return /^(\xef\xbb\xbf)?[\t\n\r\x20-\x7e]*$/.test(first.toString('latin1', 0, sniffedBytes));
}

function createDecoder(coding: Exclude<Coding, 'none'>): Transform {
  // Pass each part on at once, and keep what came when the end is missing.
  const flush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case 'gzip':
      return createGunzip(flush);
    case 'zlib':
      return createInflate(flush);
    case 'raw deflate':
      return createInflateRaw(flush);
    case 'zstd':
      return createZstdDecompress();
    case 'br':
      return createBrotliDecompress({
        flush: constants.BROTLI_OPERATION_FLUSH,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      });
  }
}

async function* decompress(
  chunks: AsyncGenerator<Uint8Array>,
  decoder: Transform,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  // The loop below receives the errors of both streams; here they need no handling.
  const decoded = pipeline(Readable.from(chunks, { objectMode: false }), decoder, () => undefined);
  try {
    for await (const chunk of decoded as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxDecodedBytes)
        throw new Error(`the answer is longer than ${maxDecodedBytes} bytes`);
      yield chunk;
    }
  } finally {
    decoded.destroy();
  }
}
