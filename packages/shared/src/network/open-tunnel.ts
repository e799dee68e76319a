/**
 * Opens a connection through a proxy with CONNECT. The proxy sees the destination and nothing of
 * what passes through. Messages never contain the proxy's user and password.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, isIPv6, type Socket } from 'node:net';
import { describeProxy } from '../config/proxies.ts';

/** The proxy could not be reached, or refused the tunnel. */
export class ProxyError extends Error {
  override name = 'ProxyError';
  readonly code = 'ERR_PROXY_TUNNEL';
  /** The status with which the proxy refused; null: it did not answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }
}

/** tinyproxy answers 401 where others answer 407. */
const signInStatuses = [401, 407];

export function isSignInRefused({ status }: ProxyError): boolean {
  return status !== null && signInStatuses.includes(status);
}

export interface Tunnel {
  proxy: URL;
  /** A name, or an address without brackets. */
  host: string;
  port: number;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Longer answers to CONNECT are refused. */
const headerBytes = 16_384;

/** Resolves with a connection to the destination. Rejects with a `ProxyError`. */
export function openTunnel({ proxy, host, port, timeoutMs, signal }: Tunnel): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const destination = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const isHttps = proxy.protocol === 'https:';
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, '');
  const request = (isHttps ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    host: proxyHost,
    port: Number(proxy.port || (isHttps ? 443 : 80)),
    path: destination,
    headers: {
      host: destination,
      'proxy-connection': 'keep-alive',
      ...proxyAuthorization(proxy),
    },
    agent: false,
    setDefaultHeaders: false, // without an agent, Node would ask the proxy to close the connection
    maxHeaderSize: headerBytes,
    // Node would take the name from the header `host`, and expect the certificate of the
    // destination from the proxy. With an empty name it checks the certificate for the address.
    ...(isHttps && { servername: isIP(proxyHost) === 0 ? proxyHost : '' }),
    ...(signal !== undefined && { signal }),
  });
  const fail = (what: string, status: number | null = null) => {
    request.destroy();
    reject(new ProxyError(`the proxy ${describeProxy(proxy)} ${what}`, status));
  };
  const timer = setTimeout(
    () => fail(`opened no connection to ${destination} within ${timeoutMs} ms`),
    Math.max(0, timeoutMs),
  );
  request
    .once('connect', ({ statusCode = 0, statusMessage = '' }, socket: Socket, head) => {
      clearTimeout(timer);
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
        return;
      }
      socket.on('error', () => undefined).destroy();
      const advice = signInStatuses.includes(statusCode)
        ? ': check the user and password in HTTPS_PROXY or HTTP_PROXY'
        : '';
      fail(
        `refused a connection to ${destination} with ${statusCode} ${statusMessage}`.trimEnd() +
          advice,
        statusCode,
      );
    })
    .once('error', (error) => {
      clearTimeout(timer);
      fail(`cannot be used: ${error.message}`);
    })
    .end();
  return promise;
}

/** Header that signs in at the proxy; empty when its address has no user. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
