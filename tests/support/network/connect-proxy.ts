/**
 * An HTTP proxy as companies have them: it opens tunnels for CONNECT and forwards requests that
 * name a whole address. It resolves every name to loopback, so that tests can use names of the
 * internet, and records what was asked of it.
 */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface AskedOfProxy {
  method: string;
  /** `host:port` of CONNECT, or the whole address of a forwarded request. */
  target: string;
  authorization: string | undefined;
}

export interface ConnectProxy {
  url: string;
  asked: AskedOfProxy[];
  /** Answers CONNECT with this status from now on; null: opens tunnels. */
  refuseWith(status: number | null): void;
  close(): Promise<void>;
}

export async function startConnectProxy(
  options: {
    /** `user:password` that it asks for. */
    credentials?: string;
    tls?: { key: string; cert: string };
    /** Ports on loopback that stand for `host:port`. Default: the port that was asked for. */
    ports?: Readonly<Record<string, number>>;
  } = {},
): Promise<ConnectProxy> {
  const { credentials, tls, ports = {} } = options;
  const asked: AskedOfProxy[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | null = null;
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server = tls === undefined ? createServer() : createTlsServer(tls);
  /** Records the request. Returns the status with which it is refused. */
  function refuse(incoming: IncomingMessage): number | null {
    const authorization = incoming.headers['proxy-authorization'];
    asked.push({ method: incoming.method ?? '', target: incoming.url ?? '', authorization });
    return expected !== undefined && authorization !== expected ? 407 : refusal;
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    const status = refuse(incoming);
    client.on('error', () => undefined);
    if (status !== null) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = incoming.url ?? '';
    const port = ports[target] ?? Number(target.split(':').at(-1));
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.on('request', (incoming, response) => {
    const status = refuse(incoming);
    if (status !== null) {
      response.writeHead(status).end();
      return;
    }
    const url = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers;
    const forwarded = httpRequest({
      host: '127.0.0.1',
      port: ports[url.host] ?? Number(url.port || 80),
      path: `${url.pathname}${url.search}`,
      method: incoming.method,
      headers,
    });
    forwarded
      .on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })
      .on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const user =
    credentials === undefined ? '' : `${credentials.split(':').map(encodeURIComponent).join(':')}@`;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${user}127.0.0.1:${port}`,
    asked,
    refuseWith: (status) => void (refusal = status),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
