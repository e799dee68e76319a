/**
 * Checks API keys (`Authorization: Bearer …` or `api-key: …`), comparing hashes in constant time.
 * With no keys configured, every request is accepted.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Routes that orchestrators and browsers read without a key; they reveal nothing about jobs. */
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
        'Authorization: the key is missing; send it as "Authorization: Bearer <key>" or ' +
          '"api-key: <key>"',
        { param: 'Authorization' },
      );
    }
    const given = hash(key);
    // Compare all keys, so that the duration does not reveal which key was close.
    if (hashes.filter((known) => timingSafeEqual(known, given)).length === 0) {
      throw new KilnError(
        'invalid_api_key',
        'Authorization: the key is unknown; use one of KILN_API_KEYS',
        {
          param: 'Authorization',
        },
      );
    }
  });
}

/** Names the caller for limits: by its key where keys are required, otherwise by its IP address. */
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
