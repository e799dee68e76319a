/**
 * Gives every error response the same body, whether a handler, validation, Fastify or Node's HTTP
 * parser raised the error. Status and retry advice come from the error catalogue. Errors from 500
 * on are logged with their cause. Registered first in `app.ts`.
 */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorBody, errorCatalogue, KilnError } from '@kiln/shared/errors';
import { buildId } from '@kiln/shared/ids';
import { toKilnError } from '@kiln/shared/services/to-kiln-error';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cutText } from '@kiln/shared/schemas/text';
import type { Studio } from '../studio/serve-studio.ts';

/** @param studio answers the addresses of its page; null: there is none */
export function addErrorAnswers(app: FastifyInstance, studio: Studio | null): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.name !== 'AbortError')
      return sendError(toAnswer(error, app, request), request, reply);
    if (!reply.raw.destroyed) return sendError(stopping, request, reply);
    request.log.info('the caller disconnected, and the work for its request was ended');
    return reply.code(499).send();
  });
  app.setNotFoundHandler(async (request, reply) => {
    if (studio !== null && request.isForStudio) return studio.sendPage(request, reply);
    return sendError(
      new KilnError(
        'route_not_found',
        `there is no ${request.method} ${cutText(request.url.split('?')[0] ?? '', 200)}`,
      ),
      request,
      reply,
    );
  });
}

/** Writes an error where no request of Fastify exists. */
export function writeRefusal(response: ServerResponse, error: KilnError, requestId: string): void {
  const { status, retry } = errorCatalogue[error.code];
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      connection: 'close',
      'x-request-id': requestId,
      ...(retry ? {} : { 'x-should-retry': 'false' }),
    })
    .end(JSON.stringify(errorBody(error)));
}

/** Work that is ended while its caller still waits is ended by the stop of the process. */
const stopping = new KilnError(
  'shutting_down',
  'this process is stopping and did not finish this request; nothing was accepted, retry',
  { retryAfterMs: 1_000 },
);

function sendError(error: KilnError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, retry } = errorCatalogue[error.code];
  if (status >= 500)
    request.log.error({ err: error.cause ?? error, code: error.code }, 'the request failed');
  else request.log.info({ code: error.code, param: error.param }, 'the request was refused');
  if (error.retryAfterMs !== null) {
    void reply
      .header('retry-after', Math.ceil(error.retryAfterMs / 1000))
      .header('retry-after-ms', error.retryAfterMs);
  }
  if (!retry) void reply.header('x-should-retry', 'false');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  // A stream that fails before its first byte has described itself already.
  for (const name of ['content-disposition', 'content-length']) void reply.removeHeader(name);
  void reply.type('application/json; charset=utf-8');
  return reply.code(status).send(errorBody(error));
}

/** Maps Fastify's own errors to codes of our catalogue. */
function toAnswer(error: FastifyError, app: FastifyInstance, request: FastifyRequest): KilnError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const limit = request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit ?? 0;
      return new KilnError(
        'body_too_large',
        `the body is too large: at most ${limit.toLocaleString('en')} bytes are allowed`,
      );
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new KilnError(
        'unsupported_media_type',
        'content-type: received ' +
          `"${cutText(request.headers['content-type'] ?? 'none', 100)}"; this route accepts ` +
          (request.routeOptions.schema?.consumes?.join(', ') ?? 'application/json'),
        { param: 'content-type' },
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new KilnError(
        'invalid_request',
        'content-length: it does not match the length of the body',
        {
          param: 'content-length',
        },
      );
    default:
      if (hasHungUp(error, request))
        return new KilnError('invalid_request', 'the caller hung up before the answer');
      return isRefusal(error) ? toRefusal(error) : toKilnError(error);
  }
}

/**
 * Errors that come of a caller who is gone. No answer is read any more, and nothing is wrong here.
 */
function hasHungUp(error: FastifyError, { raw }: FastifyRequest): boolean {
  return (
    (raw.socket.destroyed || (raw.destroyed && !raw.complete)) &&
    /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|ABORT_ERR)$/.test(error.code)
  );
}

/** Some have no code, whatever the type of Fastify says. */
type PluginError = { statusCode?: number; code?: string; expose?: boolean };

/** An error of Fastify or one of its plugins that says that the request is wrong. */
function isRefusal(error: PluginError): boolean {
  const { statusCode = 500, code = '', expose = false } = error;
  return statusCode >= 400 && statusCode < 500 && (code.startsWith('FST_') || expose);
}

/** The files of `/docs` are refused with 403 for a path that leads out of their folder. */
function toRefusal({ statusCode, message }: FastifyError): KilnError {
  return statusCode === 403 || statusCode === 404
    ? new KilnError('route_not_found', 'there is no such path')
    : new KilnError('invalid_request', message);
}

/** Answers errors that Fastify's router raises before any hook runs. */
export function answerRouterError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const reason =
    error.code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? 'one of its parts is too long'
      : 'it cannot be decoded';
  void reply.header('x-request-id', request.id);
  sendError(
    new KilnError(
      'invalid_request',
      `the path: received "${cutText(request.url, 100)}"; ${reason}`,
    ),
    request,
    reply,
  );
}

const parserErrors: Readonly<Record<string, KilnError>> = {
  HPE_HEADER_OVERFLOW: new KilnError(
    'headers_too_large',
    'the headers are too large: at most 16,384 bytes are allowed',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new KilnError(
    'request_timeout',
    'the request did not arrive in time; send it again',
  ),
};

/**
 * Answers errors of Node's HTTP parser. No request exists at this point, so the response is written
 * to the socket directly.
 */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const known =
    parserErrors[error.code ?? ''] ??
    new KilnError('invalid_request', 'this is not a valid HTTP/1.1 request');
  const { status, retry } = errorCatalogue[known.code];
  const body = JSON.stringify(errorBody(known));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    `x-request-id: ${buildId('req')}`,
    ...(retry ? [] : ['x-should-retry: false']),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
