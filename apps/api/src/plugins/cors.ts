/**
 * Lets the web pages of `KILN_CORS_ORIGINS` call the API from a browser (the Fetch standard's CORS
 * protocol): answers preflights, and marks answers, errors included, so that the page may read
 * them. Without the variable no answer is marked. Whether a request of another page is executed is
 * not decided here.
 */
import { isAllowedOrigin, mayHaveCredentials } from '@kiln/shared/config/cors-origins';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const allowedMethods = 'GET, HEAD, POST, PATCH, DELETE';
/** How long a browser may use the answer to a preflight; Chrome allows two hours at most. */
const maxAgeSeconds = 7_200;

/** Headers of answers that a page may read in addition to the few that browsers always show. */
const exposedHeaders = [
  'x-request-id',
  'x-kiln-job-id',
  'location',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'idempotent-replayed',
  'preference-applied',
  'content-disposition',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
].join(', ');

/** Register it before everything that may refuse a request, so that pages can read refusals. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const hasCredentials = mayHaveCredentials(origins);
  app.addHook('onRequest', async (request, reply) => {
    // Caches must not give one origin's answer to another.
    if (hasCredentials) void reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !isAllowedOrigin(origins, origin)) return;
    void reply.header('access-control-allow-origin', hasCredentials ? origin : '*');
    if (hasCredentials) void reply.header('access-control-allow-credentials', 'true');
    if (isPreflight(request)) return answerPreflight(request, reply);
    void reply.header('access-control-expose-headers', exposedHeaders);
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

/**
 * Allows the headers that the page asks for, because clients add many of their own
 * (`x-stainless-…`), and the API ignores those that it does not know.
 */
function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = request.headers['access-control-request-headers'] ?? '';
  if (/^[\w\-, ]+$/.test(asked)) void reply.header('access-control-allow-headers', asked);
  return reply
    .header('access-control-allow-methods', allowedMethods)
    .header('access-control-max-age', maxAgeSeconds)
    .code(204)
    .send();
}
