/** The secret of a session: 256 random bits, of which the records keep only the SHA-256. */
import { randomBytes } from 'node:crypto';
import { sha256 } from './api-keys.ts';

/** A session ends when it was not used for this long. */
export const sessionIdleSeconds = 7 * 24 * 3_600;
/** The end of a session is moved at most this often, so that most requests only read. */
export const sessionExtendSeconds = 3_600;
/** A key has at most this many sessions; the one that would end first makes room. */
export const maxSessionsOfKey = 1_000;

export function buildSessionToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Null for a text that cannot be a token. */
export function hashSessionToken(token: string): Buffer | null {
  return /^[\w-]{43}$/.test(token) ? sha256(token) : null;
}
