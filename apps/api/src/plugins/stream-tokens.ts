/**
 * Tokens for event streams. A browser's `EventSource` cannot send a header, so a page asks for a
 * token with its key and puts it into the address of the stream. A token opens one stream, by its
 * path, for a minute. It is signed with the key that asked for it: every process that has the key
 * can check it, nothing is stored, and it ends with its key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const validSeconds = 60;

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
  const signature = sign(keyHash, path, expiresAtSeconds).toString('base64url');
  return { token: `${expiresAtSeconds}.${signature}`, expiresAtSeconds };
}

/** Finds the key that a valid token was made with; null: it is expired, or not for this stream. */
export function findSigner(
  token: string,
  keyHashes: readonly Buffer[],
  path: string,
  nowSeconds: number,
): Buffer | null {
  const [, expires, signature] = /^(\d{1,12})\.([\w-]{43})$/.exec(token) ?? [];
  if (expires === undefined || signature === undefined) return null;
  const expiresAtSeconds = Number(expires);
  if (expiresAtSeconds < nowSeconds) return null;
  const given = Buffer.from(signature, 'base64url');
  return (
    keyHashes.find((keyHash) => timingSafeEqual(sign(keyHash, path, expiresAtSeconds), given)) ??
    null
  );
}

function sign(keyHash: Buffer, path: string, expiresAtSeconds: number): Buffer {
  return createHmac('sha256', keyHash).update(`stream ${expiresAtSeconds} ${path}`).digest();
}
