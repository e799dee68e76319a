/**
 * API keys: `Authorization: Bearer …` or `api-key: …`, compared by their hashes in constant time.
 * No keys configured: everybody is in.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What an orchestrator or a browser asks without a key; none of it tells anything about jobs. */
const openRoutes = /^\/(livez|readyz|openapi\.json|docs(\/.*)?)$/;

export function addAuthentication(app: FastifyInstance, apiKeys: readonly string[]): void {
  if (apiKeys.length === 0) return;
  const hashes = apiKeys.map(hash);
  app.addHook('onRequest', async (request) => {
    if (openRoutes.test(request.url.split('?')[0] ?? '')) return;
    const key = readKey(request);
    if (key === null) {
      throw new KilnError(
        'missing_api_key',
        'Authorization: there is no key; send it as "Authorization: Bearer <key>" or "api-key: <key>"',
        { param: 'Authorization' },
      );
    }
    const given = hash(key);
    // Every key is compared, so that the time tells nothing about which one was close.
    if (hashes.filter((known) => timingSafeEqual(known, given)).length === 0) {
      throw new KilnError('invalid_api_key', 'Authorization: this key is not known', {
        param: 'Authorization',
      });
    }
  });
}

/** Tells callers apart: by their keys where keys are asked for, else by where they come from. */
export function nameCaller(request: FastifyRequest, apiKeys: readonly string[]): string {
  const key = apiKeys.length === 0 ? null : readKey(request);
  return key === null ? request.ip : hash(key).toString('base64');
}

function readKey({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const header = headers['api-key'];
  return bearer ?? (typeof header === 'string' ? header : null);
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
