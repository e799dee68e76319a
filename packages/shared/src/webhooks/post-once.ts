/**
 * One POST to addresses that have been judged, and what came of it. The answer is read up to 4 kB
 * and then no further.
 */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import type { TryError } from '../domain/delivery-state.ts';
import { parseRetryAfterMs } from '../domain/retry-after.ts';
import { metadataAddresses } from './address-rules.ts';
import type { Target } from './target.ts';

export interface Answer {
  httpStatus: number;
  /** What the receiver asked to be left alone for. */
  retryAfterMs: number | null;
  /** The beginning of its body, as text. */
  excerpt: string;
}

export interface JudgedPost {
  target: Target;
  addresses: readonly string[];
  /** An allowance covers them: they need not be public. */
  isInside: boolean;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export type PostOnceOutcome =
  | ({ status: 'answered' } & Answer)
  | { status: 'failed'; error: TryError };

const keptBytes = 4_096;
/** Once the status is known the body decides nothing: a slow one is not waited for. */
const bodyIdleMs = 1_000;
const bodyTotalMs = 3_000;
const headerBytes = 16_384;

type Phase = 'connecting' | 'securing' | 'waiting';

/** Throws only what `signal` was aborted with, before there was an answer. */
export function postOnce(post: JudgedPost): Promise<PostOnceOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<PostOnceOutcome>();
  const isHttps = post.target.url.protocol === 'https:';
  let phase: Phase = 'connecting';
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
      socket.once('connect', () => (phase = isHttps ? 'securing' : 'waiting'));
      socket.once('secureConnect', () => (phase = 'waiting'));
    })
    .once('response', (response) => {
      clearTimeout(timer);
      // Whoever breaks it off from now on has the rest of the body broken off: that it was answered
      // is known.
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
      // Nobody asked for another protocol.
      socket.destroy();
      settle({ status: 'failed', error: 'invalid_answer' });
    })
    .on('error', (error) => settle({ status: 'failed', error: classify(error, phase) }))
    .end(post.body);
  return promise;
}

function requestOptions(
  { target, addresses, isInside, headers, body }: JudgedPost,
  isHttps: boolean,
): RequestOptions {
  const { url, host, port } = target;
  const filter = {
    keepAlive: false,
    allowPrivateIPAddress: isInside,
    denyIPAddressList: metadataAddresses,
  };
  return {
    method: 'POST',
    host,
    port,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host.replace(/\.(?=:\d+$|$)/, ''),
      'content-length': String(Buffer.byteLength(body)),
    },
    agent: isHttps ? new RequestFilteringHttpsAgent(filter) : new RequestFilteringHttpAgent(filter),
    lookup: lookupOf(addresses),
    maxHeaderSize: headerBytes,
    setDefaultHeaders: false,
    // Also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
    ...(isHttps && { rejectUnauthorized: true, ...(isIP(host) === 0 && { servername: host }) }),
  };
}

/** The connection goes where was looked before, whatever the name means by now. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = found;
    if (options.all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/**
 * Its first bytes; what does not come in time, or before `signal` is aborted, is not waited for.
 */
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
    .on('error', end); // cut: what came before counts
  await ended;
  signal.removeEventListener('abort', onAbort);
  clearTimeout(total);
  clearTimeout(idle);
  const text = Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8');
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** What failed says the phase better than the many codes of errors do. */
function classify(error: Error, phase: Phase): TryError {
  if (error.message.includes('is not allowed')) return 'address_refused'; // the agent's words; it has no code
  if (phase === 'connecting') return 'connection_failed';
  if (phase === 'securing') return 'tls_failed';
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('HPE_') ? 'invalid_answer' : 'connection_lost';
}
