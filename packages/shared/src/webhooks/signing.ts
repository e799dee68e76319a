/**
 * Signs webhooks as the Standard Webhooks specification says: HMAC-SHA256 over
 * `id.timestamp.body`, one signature for each valid secret.
 */
import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';
/** The specification allows 24 to 64 bytes. */
const secretBytes = 32;

/**
 * Generates a secret. It alone proves that a delivery comes from Kiln, so callers show it once and
 * never log it.
 */
export function buildSecret(): string {
  return `${prefix}${randomBytes(secretBytes).toString('base64')}`;
}

export interface SignedMessage {
  /** Stays the same in all tries of a delivery. */
  id: string;
  timestampSeconds: number;
  body: string;
}

/**
 * @param secrets several during a rotation; each signs, and a receiver needs to know one of them
 */
export function signatureHeaders(
  { id, timestampSeconds, body }: SignedMessage,
  secrets: readonly string[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const content = `${id}.${timestampSeconds}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(content).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(secret.startsWith(prefix) ? prefix.length : 0), 'base64');
}
