/**
 * Checks API keys (`Authorization: Bearer …` or `api-key: …`), comparing hashes in constant time,
 * and the tokens of event streams (`stream-tokens.ts`). With no keys configured, every request is
 * accepted.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { toSeconds } from '@kiln/shared/domain/unix-seconds';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { buildStreamToken, findSigner, type StreamToken } from './stream-tokens.ts';

/** Routes that orchestrators and browsers read without a key; they reveal nothing about jobs. */
const openRoutes = /^\/(livez|readyz|openapi\.json|docs(\/.*)?)$/;

const streamRoutes: readonly (string | undefined)[] = [
  '/v1/events',
  '/v1/jobs/:id/events',
  '/v1/batches/:id/events',
];

export interface Authentication {
  /**
   * Names the caller for limits: by its key where keys are required, otherwise by its IP address.
   */
  nameCaller(request: FastifyRequest): string;
  /** Makes a token with which the stream at `path` can be opened without a key. */
  buildStreamToken(request: FastifyRequest, path: string): StreamToken;
}

export function addAuthentication(
  app: FastifyInstance,
  apiKeys: readonly string[],
): Authentication {
  const hashes = apiKeys.map(hash);
  const callers = new WeakMap<FastifyRequest, Buffer>();
  /** Signs tokens where no key is needed, and so no token is checked. */
  const anyKey = randomBytes(32);

  if (hashes.length > 0)
    app.addHook('onRequest', async (request) => {
      if (openRoutes.test(pathOf(request))) return;
      callers.set(request, readToken(request, hashes) ?? checkKey(request, hashes));
    });

  return {
    nameCaller: (request) => callers.get(request)?.toString('base64') ?? request.ip,
    buildStreamToken: (request, path) =>
      buildStreamToken(callers.get(request) ?? anyKey, path, toSeconds(new Date())),
  };
}

/** Returns the hash of the request's key. Throws `missing_api_key` and `invalid_api_key`. */
function checkKey(request: FastifyRequest, hashes: readonly Buffer[]): Buffer {
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
  return given;
}

/**
 * Returns the hash of the key that the request's token was made with; null when the request has no
 * token or a key besides. Throws `invalid_stream_token`.
 */
function readToken(request: FastifyRequest, hashes: readonly Buffer[]): Buffer | null {
  const { stream_token: token } = request.query as { stream_token?: unknown };
  const isStream = request.method === 'GET' && streamRoutes.includes(request.routeOptions.url);
  if (typeof token !== 'string' || !isStream || readKey(request) !== null) return null;
  const signer = findSigner(token, hashes, pathOf(request), toSeconds(new Date()));
  if (signer !== null) return signer;
  throw new KilnError(
    'invalid_stream_token',
    'stream_token: it has expired, or was made for another stream; make a new one with ' +
      'POST /v1/stream_tokens',
    { param: 'stream_token' },
  );
}

function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  return path.replace(/(?<=.)\/$/, '');
}

function readKey({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const header = headers['api-key'];
  return bearer ?? (typeof header === 'string' ? header : null);
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
