/**
 * The connections to the deployments: directly, or through the proxies of the environment. An
 * https: address is reached through a tunnel, so the proxy sees nothing of the call; a request to
 * an http: address is sent to the proxy with its whole address. A call whose tunnel fails was not
 * written.
 */
import { callbackify } from 'node:util';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { proxyFor, type Proxies } from '../config/proxies.ts';
import { openTunnel, proxyAuthorization } from '../network/open-tunnel.ts';

/**
 * Connections are reused only within a second. Servers close idle connections, and a request that
 * meets such a close has an unknown outcome, which costs more than a handshake.
 */
const idleConnectionMs = 1_000;

/**
 * Answers with more headers than this cannot be read. Gateways add some kilobytes; Node's own limit
 * of 16 KiB is too small.
 */
const maxHeaderBytes = 64 * 1024 + 1;

export function createDispatcher(options: { proxies: Proxies; connectMs: number }): {
  dispatcher: Dispatcher;
  close(): Promise<void>;
} {
  // undici itself would stop waiting for headers after 300 s; the caller's deadlines apply instead.
  const agent = new Agent({
    headersTimeout: 0,
    // Over HTTP/2 the headers are sent before the body is there, and a lost connection takes all
    // its paid calls with it.
    allowH2: false,
    bodyTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: idleConnectionMs,
    keepAliveMaxTimeout: idleConnectionMs,
    connect: createConnector(options),
  });
  return {
    dispatcher: agent.compose(sendHttpThroughProxy(options.proxies)),
    close: () => agent.destroy(),
  };
}

function createConnector({
  proxies,
  connectMs,
}: {
  proxies: Proxies;
  connectMs: number;
}): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  return (target, callback) => {
    // A proxy that is reached by TLS is connected to directly, not through a tunnel.
    const isTheProxy = `${target.protocol}//${target.host}` === proxies.http?.origin;
    const proxy = target.protocol === 'https:' && !isTheProxy ? proxyFor(proxies, target) : null;
    if (proxy === null) {
      connect(target, callback);
      return;
    }
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const tunnel = { proxy, host, port: Number(target.port || 443), timeoutMs: connectMs };
    callbackify(openTunnel)(tunnel, (error, socket) => {
      if (error === null) connect({ ...target, httpSocket: socket }, callback);
      else callback(error, null);
    });
  };
}

/**
 * undici's own agent for proxies sends requests to http: addresses one after another over a single
 * connection, and a call may take minutes.
 */
function sendHttpThroughProxy(proxies: Proxies): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const target = new URL(String(options.origin));
    const proxy = target.protocol === 'http:' ? proxyFor(proxies, target) : null;
    if (proxy === null) return dispatch(options, handler);
    const headers = options.headers as Record<string, string>;
    return dispatch(
      {
        ...options,
        origin: proxy.origin,
        path: `${target.origin}${options.path}`,
        headers: { ...headers, host: target.host, ...proxyAuthorization(proxy) },
        // Otherwise undici would expect the certificate of the host in the header.
        ...(proxy.protocol === 'https:' && { servername: proxy.hostname }),
      },
      handler,
    );
  };
}
