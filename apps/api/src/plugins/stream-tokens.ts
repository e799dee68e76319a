/**
 * Tokens for event streams. A browser's `EventSource` cannot send a header, so a page asks for a
 * token with its key and puts it into the address of the stream. A token opens one stream, by its
 * path, for a minute, and one at a time: a copy of the address opens nothing while the stream is
 * open. A client that lost its stream may open it again with the token within that minute.
 *
 * A token is signed with the key that asked for it: every process that has the key can check it,
 * nothing is stored, and it ends with its key. Each process knows only its own open streams.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const validSeconds = 60;
const nonceBytes = 12;

/** Each request holds a connection for as long as its client wants. */
export const streamRoutes: readonly (string | undefined)[] = [
  '/v1/events',
  '/v1/jobs/:id/events',
  '/v1/batches/:id/events',
];

export interface StreamToken {
  token: string;
  expiresAtSeconds: number;
}

/** @param keyHash the hash of the key that asks for the token */
export function buildStreamToken(keyHash: Buffer, path: string, nowSeconds: number): StreamToken {
  const expiresAtSeconds = nowSeconds + validSeconds;
  const nonce = randomBytes(nonceBytes).toString('base64url');
  const signature = sign(keyHash, path, { expiresAtSeconds, nonce }).toString('base64url');
  return { token: `${expiresAtSeconds}.${nonce}.${signature}`, expiresAtSeconds };
}

export interface SignedToken {
  /** The hash of the key that the token was made with. */
  signer: Buffer;
  /** The same for every spelling of the token. */
  id: string;
}

/** Checks a token; null: it is expired, or not for this stream. */
export function checkStreamToken(
  token: string,
  keyHashes: readonly Buffer[],
  path: string,
  nowSeconds: number,
): SignedToken | null {
  const [, expires, nonce, signature] = /^(\d{1,12})\.([\w-]{16})\.([\w-]{43})$/.exec(token) ?? [];
  if (expires === undefined || nonce === undefined || signature === undefined) return null;
  const expiresAtSeconds = Number(expires);
  if (expiresAtSeconds < nowSeconds) return null;
  const given = Buffer.from(signature, 'base64url');
  const signer = keyHashes.find((keyHash) =>
    timingSafeEqual(sign(keyHash, path, { expiresAtSeconds, nonce }), given),
  );
  return signer === undefined ? null : { signer, id: `${expiresAtSeconds}.${nonce}` };
}

function sign(
  keyHash: Buffer,
  path: string,
  { expiresAtSeconds, nonce }: { expiresAtSeconds: number; nonce: string },
): Buffer {
  const signed = `stream ${expiresAtSeconds} ${nonce} ${path}`;
  return createHmac('sha256', keyHash).update(signed).digest();
}
