/**
 * The configured API keys, known by their SHA-256 only. Keys are compared in constant time, and all
 * of them, so that the duration does not tell which key was close.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface ApiKeys {
  /** False when no key is configured: every request is accepted. */
  areRequired: boolean;
  /** The SHA-256 of each key. */
  hashes: readonly Buffer[];
  /** Returns the hash of the key if it is configured, else null. */
  find(key: string): Buffer | null;
  /** Whether the hash belongs to a configured key. */
  isKnown(keyHash: Buffer): boolean;
}

export function createApiKeys(keys: readonly string[]): ApiKeys {
  const hashes = keys.map(sha256);
  const isKnown = (given: Buffer): boolean =>
    hashes.filter((known) => known.length === given.length && timingSafeEqual(known, given))
      .length > 0;
  return {
    areRequired: hashes.length > 0,
    hashes,
    isKnown,
    find(key) {
      const given = sha256(key);
      return isKnown(given) ? given : null;
    },
  };
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
