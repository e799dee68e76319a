/**
 * Sends one POST to addresses that `egress.ts` has checked, and reports the answer or a class of
 * error. The connection can go to no other address, whatever the name resolves to by then. Reads at
 * most 4 kB of the answer and waits for a slow body only briefly. The status alone decides whether
 * the event was delivered: once it has arrived, nothing that follows changes the outcome, not even
 * bytes that HTTP does not allow there. It does not retry.
 */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TryError } from '../domain/delivery-state.ts';
import { parseRetryAfterMs } from '../domain/retry-after.ts';
import { connectionOptions, type CheckedConnection } from './connection-options.ts';
import { readHead } from './read-head.ts';

export interface Answer {
  httpStatus: number;
  /** The pause that the receiver asked for with `Retry-After`. */
  retryAfterMs: number | null;
  /** The first 4 kB of the body, decoded as UTF-8. */
  excerpt: string;
}

export interface CheckedPost extends CheckedConnection {
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export type PostOnceOutcome =
  | ({ status: 'answered' } & Answer)
  | { status: 'failed'; error: TryError };

const keptBytes = 4_096;
/** The body does not change the outcome, so a slow one is cut off. */
const bodyIdleMs = 1_000;
const bodyTotalMs = 3_000;
const headerBytes = 16_384;

type Phase = 'connecting' | 'securing' | 'waiting';

/** Throws nothing but the abort reason of `signal`, and only before the status line arrived. */
export function postOnce(post: CheckedPost): Promise<PostOnceOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<PostOnceOutcome>();
  const isHttps = post.target.url.protocol === 'https:';
  const received: Buffer[] = [];
  let receivedBytes = 0;
  let hasStatus = false;
  let phase: Phase = post.tunnel === null ? 'connecting' : isHttps ? 'securing' : 'waiting';
  const request = (isHttps ? httpsRequest : httpRequest)(requestOptions(post, isHttps));
  const timer = setTimeout(
    () => settle({ status: 'failed', error: 'timed_out' }),
    Math.max(0, post.timeoutMs),
  );
  const abort = () => {
    finish(request);
    reject(post.signal.reason as Error);
  };

  function finish(ended: ClientRequest): void {
    clearTimeout(timer);
    post.signal.removeEventListener('abort', abort);
    ended.destroy();
  }

  function settle(outcome: PostOnceOutcome): void {
    finish(request);
    resolve(outcome);
  }

  post.signal.addEventListener('abort', abort, { once: true });
  request
    .once('socket', (socket) => {
      // Before the parser, which keeps nothing of a head that it refuses.
      socket.prependListener('data', (chunk: Buffer) => {
        if (!hasStatus && receivedBytes < headerBytes) received.push(chunk);
        receivedBytes += chunk.length;
      });
      socket.once('connect', () => (phase = isHttps ? 'securing' : 'waiting'));
      socket.once('secureConnect', () => (phase = 'waiting'));
    })
    .once('response', (response) => {
      hasStatus = true;
      clearTimeout(timer);
      // From here on an abort only stops reading the body; the outcome is known.
      post.signal.removeEventListener('abort', abort);
      void readExcerpt(response, post.signal).then((excerpt) =>
        settle({
          status: 'answered',
          httpStatus: response.statusCode ?? 0,
          retryAfterMs: parseRetryAfterMs(response.headers['retry-after'], Date.now()),
          excerpt,
        }),
      );
    })
    .once('upgrade', (_response, socket) => {
      // The request asked for no other protocol.
      socket.destroy();
      settle({ status: 'failed', error: 'invalid_answer' });
    })
    .on('error', (error) => {
      // The rest of an answer cannot be read: `readExcerpt` ends with the connection.
      if (!hasStatus) settle(outcomeOfError(error, phase, received));
    })
    .end(post.body);
  return promise;
}

function requestOptions(post: CheckedPost, isHttps: boolean): RequestOptions {
  const { url } = post.target;
  return {
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: {
      ...post.headers,
      host: url.host.replace(/\.(?=:\d+$|$)/, ''),
      'content-length': String(Buffer.byteLength(post.body)),
    },
    maxHeaderSize: headerBytes,
    setDefaultHeaders: false,
    ...connectionOptions(post, isHttps),
  };
}

/** Reads the first bytes of the body, until it ends, a time limit passes or `signal` aborts. */
async function readExcerpt(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const onAbort = (): void => end();
  signal.addEventListener('abort', onAbort);
  const total = setTimeout(end, bodyTotalMs);
  let idle = setTimeout(end, bodyIdleMs);
  response
    .on('data', (chunk: Buffer) => {
      clearTimeout(idle);
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= keptBytes) end();
      else idle = setTimeout(end, bodyIdleMs);
    })
    .once('close', end)
    .on('error', end); // keeps what arrived before the connection was cut
  await ended;
  signal.removeEventListener('abort', onAbort);
  clearTimeout(total);
  clearTimeout(idle);
  const text = Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8');
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Many receivers send heads that Node's parser refuses; their status line counts all the same. */
function outcomeOfError(error: Error, phase: Phase, received: readonly Buffer[]): PostOnceOutcome {
  const tryError = classify(error, phase);
  const head = tryError === 'invalid_answer' ? readHead(Buffer.concat(received)) : null;
  if (head === null) return { status: 'failed', error: tryError };
  const retryAfterMs = parseRetryAfterMs(head.retryAfter, Date.now());
  return { status: 'answered', httpStatus: head.httpStatus, retryAfterMs, excerpt: '' };
}

/** Classifies an error by the phase of the request, because Node has too many error codes. */
function classify(error: Error, phase: Phase): TryError {
  // `request-filtering-agent` sets no error code, only this message.
  if (error.message.includes('is not allowed')) return 'address_refused';
  if (phase === 'connecting') return 'connection_failed';
  if (phase === 'securing') return 'tls_failed';
  const code = 'code' in error ? String(error.code) : '';
  const isCutOff = code === 'HPE_INVALID_EOF_STATE';
  return code.startsWith('HPE_') && !isCutOff ? 'invalid_answer' : 'connection_lost';
}
