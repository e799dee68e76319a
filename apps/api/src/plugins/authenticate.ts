/**
 * Finds out who a request is from: an API key (`Authorization: Bearer …` or `api-key: …`), the
 * token of an event stream (`stream-tokens.ts`), or the cookie of a session, in this order. All
 * three lead to a configured key. With no keys configured, every request is accepted.
 */
import { randomBytes } from 'node:crypto';
import { toSeconds } from '@kiln/shared/domain/unix-seconds';
import { KilnError } from '@kiln/shared/errors';
import { resumeSession, type SessionDeps } from '@kiln/shared/services/access/sessions';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readSessionCookie, sendSessionCookie } from '../requests/session-cookie.ts';
import { requireOwnPage, safeMethods } from './refuse-cross-site.ts';
import { whenClosed } from '../limits/when-closed.ts';
import {
  buildStreamToken,
  checkStreamToken,
  streamRoutes,
  type StreamToken,
} from './stream-tokens.ts';

/**
 * Routes that orchestrators and browsers read without a key; they reveal nothing about jobs.
 * `/v1/session` is where a browser gets its cookie.
 */
const openRoutes = /^\/(livez|readyz|openapi\.json|docs(\/.*)?|v1\/session)$/;

export type Identity =
  | { method: 'none_required' }
  | { method: 'api_key' | 'stream_token'; keyHash: Buffer }
  | { method: 'session'; keyHash: Buffer; createdAt: Date; expiresAt: Date }
  | { method: 'refused'; error: KilnError };

export interface Authentication {
  /** Also sends the cookie again when the end of its session was moved. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity>;
  /**
   * Names the caller for limits: by its key where keys are required, otherwise by its IP address.
   */
  nameCaller(request: FastifyRequest): string;
  /** Makes a token with which the stream at `path` can be opened without a key. */
  buildStreamToken(request: FastifyRequest, path: string): StreamToken;
}

export function addAuthentication(
  app: FastifyInstance,
  sessions: Pick<SessionDeps, 'db' | 'keys'>,
): Authentication {
  const { keys } = sessions;
  const callers = new WeakMap<FastifyRequest, Buffer>();
  /** Signs tokens where no key is needed, and so no token is checked. */
  const anyKey = randomBytes(32);
  /** The tokens of the streams that are open. */
  const tokensInUse = new Set<string>();

  /** Keeps the token in use until the answer ends. */
  function useToken(token: string, request: FastifyRequest, reply: FastifyReply): Identity {
    const now = toSeconds(new Date());
    const checked = checkStreamToken(token, keys.hashes, pathOf(request), now);
    if (checked === null)
      return refused(() => refusedToken('it has expired, or was made for another stream'));
    const { id, signer } = checked;
    if (tokensInUse.has(id))
      return refused(() => refusedToken('the stream that it opened is still open'));
    tokensInUse.add(id);
    whenClosed(reply, () => tokensInUse.delete(id));
    return { method: 'stream_token', keyHash: signer };
  }

  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity> {
    if (!keys.areRequired) return { method: 'none_required' };
    const key = readKey(request);
    if (key !== null) {
      const keyHash = keys.find(key);
      return keyHash === null ? refused(unknownKey) : { method: 'api_key', keyHash };
    }
    const streamToken = readStreamToken(request);
    if (streamToken !== null) return useToken(streamToken, request, reply);
    const token = readSessionCookie(request);
    if (token === null) return refused(noKey);
    const resumed = await resumeSession(sessions, token);
    if (resumed === null) return refused(endedSession);
    if (resumed.isExtended) sendSessionCookie(request, reply, token);
    return { method: 'session', ...resumed.session };
  }

  if (keys.areRequired)
    app.addHook('onRequest', async (request, reply) => {
      if (openRoutes.test(pathOf(request)) || request.isForStudio) return;
      const identity = await identify(request, reply);
      if (identity.method === 'refused') throw identity.error;
      if (identity.method === 'session' && !safeMethods.includes(request.method))
        requireOwnPage(request);
      if (identity.method !== 'none_required') callers.set(request, identity.keyHash);
    });

  return {
    identify,
    nameCaller: (request) => callers.get(request)?.toString('base64') ?? request.ip,
    buildStreamToken: (request, path) =>
      buildStreamToken(callers.get(request) ?? anyKey, path, toSeconds(new Date())),
  };
}

function refused(error: () => KilnError): Identity {
  return { method: 'refused', error: error() };
}

const noKey = (): KilnError =>
  new KilnError(
    'missing_api_key',
    'Authorization: the key is missing; send it as "Authorization: Bearer <key>" or ' +
      '"api-key: <key>"',
    { param: 'Authorization' },
  );

const unknownKey = (): KilnError =>
  new KilnError('invalid_api_key', 'Authorization: the key is unknown; use one of KILN_API_KEYS', {
    param: 'Authorization',
  });

const refusedToken = (reason: string): KilnError =>
  new KilnError(
    'invalid_stream_token',
    `stream_token: ${reason}; make a new one with POST /v1/stream_tokens`,
    { param: 'stream_token' },
  );

const endedSession = (): KilnError =>
  new KilnError(
    'invalid_session',
    'Cookie: the session has ended; sign in again with POST /v1/session',
    { param: 'Cookie' },
  );

/** The token of a request that opens a stream; null: it has none. */
function readStreamToken({ query, method, routeOptions }: FastifyRequest): string | null {
  const { stream_token: token } = query as { stream_token?: unknown };
  const isStream = method === 'GET' && streamRoutes.includes(routeOptions.url);
  return typeof token === 'string' && isStream ? token : null;
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
