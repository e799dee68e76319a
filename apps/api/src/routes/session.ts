/** `/v1/session`: a browser trades a key for a cookie, asks who it is, and signs out. */
import {
  sessionRequestSchema,
  sessionSchema,
  type Session,
} from '@kiln/shared/schemas/access/session';
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { toSeconds } from '@kiln/shared/domain/unix-seconds';
import { endSession, openSession, type SessionDeps } from '@kiln/shared/services/access/sessions';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Authentication, Identity } from '../plugins/authenticate.ts';
import { requireOwnPage } from '../plugins/refuse-cross-site.ts';
import { toCaller } from '../requests/caller.ts';
import {
  clearSessionCookie,
  readSessionCookie,
  sendSessionCookie,
} from '../requests/session-cookie.ts';

const response = { 200: sessionSchema, '4xx': errorBodySchema, '5xx': errorBodySchema };
/** Anybody may call these routes. */
const security: [] = [];

export const sessionRoutes: FastifyPluginAsyncZod<{
  sessions: SessionDeps;
  authentication: Authentication;
}> = async (app, { sessions, authentication }) => {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });

  app.post(
    '/v1/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Sign in: trade a key for a cookie',
        security,
        body: sessionRequestSchema,
        response,
      },
    },
    async (request, reply) => {
      const { token, session } = await openSession(sessions, toCaller(request), {
        key: request.body.key,
        address: request.ip,
        previousToken: readSessionCookie(request),
      });
      sendSessionCookie(request, reply, token);
      return describe({ method: 'session', ...session });
    },
  );

  app.get(
    '/v1/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Ask whether this browser is signed in',
        security,
        response,
      },
    },
    async (request, reply) => {
      const identity = await authentication.identify(request, reply);
      if (identity.method === 'refused' && identity.error.code === 'invalid_session')
        clearSessionCookie(request, reply);
      return describe(identity);
    },
  );

  app.delete(
    '/v1/session',
    {
      schema: { tags: ['session'], summary: 'Sign out', security, response },
    },
    async (request, reply) => {
      const token = readSessionCookie(request);
      if (token !== null) {
        requireOwnPage(request);
        await endSession(sessions, token);
      }
      clearSessionCookie(request, reply);
      return describe({ method: sessions.keys.areRequired ? 'refused' : 'none_required' });
    },
  );
};

function describe(identity: Identity | { method: 'refused' | 'none_required' }): Session {
  const { method } = identity;
  return {
    object: 'session',
    authenticated: method !== 'refused',
    keys_required: method !== 'none_required',
    method: method === 'session' || method === 'api_key' ? method : null,
    created_at: method === 'session' ? toSeconds(identity.createdAt) : null,
    expires_at: method === 'session' ? toSeconds(identity.expiresAt) : null,
  };
}
