/**
 * The cookie of a session (RFC 6265bis). It is sent for the paths of this API only, never to
 * scripts, and never with a request that another site caused.
 *
 * Behind https at the root of a host its name begins with `__Host-`: browsers take such a cookie
 * only from this host over TLS, so that neither another subdomain nor anyone on the network can
 * plant a session. Below a prefix, where `__Host-` is not allowed, and without TLS it is
 * `kiln_session`. Only the name that belongs to the address of the request is read.
 */
import { sessionIdleSeconds } from '@kiln/shared/access/session-token';
import type { FastifyReply, FastifyRequest } from 'fastify';

const plainName = 'kiln_session';

interface CookiePlace {
  name: string;
  path: string;
  isSecure: boolean;
}

/** The token in the request's cookie; null: there is none. */
export function readSessionCookie(request: FastifyRequest): string | null {
  const { name } = placeOf(request);
  // Where cookies of two paths have one name, browsers send that of the longer path first.
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) return value.join('=').trim();
  }
  return null;
}

export function sendSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string) {
  return setCookie(request, reply, token, sessionIdleSeconds);
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply) {
  return setCookie(request, reply, '', 0);
}

function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  maxAgeSeconds: number,
): FastifyReply {
  const { name, path, isSecure } = placeOf(request);
  return reply.header(
    'set-cookie',
    `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict` +
      (isSecure ? '; Secure' : ''),
  );
}

function placeOf({ address }: FastifyRequest): CookiePlace {
  const { protocol, pathname: path } = new URL(address.baseUrl);
  const isSecure = protocol === 'https:';
  return { name: isSecure && path === '/' ? `__Host-${plainName}` : plainName, path, isSecure };
}
