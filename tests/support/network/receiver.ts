/** A receiver of webhooks on loopback. It records what it receives and answers as the test says. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { atEndOfFile } from '../end-of-file.ts';
import { waitFor } from '../wait-for.ts';

export interface Heard {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  atMs: number;
}

/** The body, parsed as JSON. */
export interface HeardEvent {
  id: string;
  object: string;
  type: string;
  created_at: number;
  data: { id: string } & Record<string, unknown>;
}

export type AnswerWith = (response: ServerResponse, heard: Heard) => void;

export interface Receiver {
  url: string;
  port: number;
  heard: Heard[];
  /** Number of connections opened to it, whatever happened to them. */
  connections(): number;
  events(): HeardEvent[];
  /** Sets how it answers from now on. */
  answerWith(answer: AnswerWith): void;
  /** Waits until it has received this many deliveries. */
  hears(count: number): Promise<Heard[]>;
  close(): Promise<void>;
}

export const answerStatus =
  (status: number, headers: Record<string, string> = {}, body = ''): AnswerWith =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

/** Sends a byte now and then after what was written, until the connection is closed. */
export function drip(response: ServerResponse): void {
  const isClosed = (): boolean => response.destroyed || !response.write('b');
  void waitFor(isClosed, { what: 'a slow answer not to be waited for' });
}

/** Never answers. */
export const hang: AnswerWith = () => undefined;

export async function startReceiver(
  options: { answer?: AnswerWith; tls?: { key: string; cert: string }; port?: number } = {},
): Promise<Receiver> {
  const heard: Heard[] = [];
  let answer = options.answer ?? answerStatus(204);
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    void text(request).then(
      (body) => {
        const one = { path: request.url ?? '', headers: request.headers, body, atMs: Date.now() };
        heard.push(one);
        answer(response, one);
      },
      () => undefined,
    ); // the client closed the connection
  };
  const server: Server =
    options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.on('connection', () => (connections += 1));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    port,
    heard,
    connections: () => connections,
    events: () => heard.map(({ body }) => JSON.parse(body) as HeardEvent),
    answerWith: (next) => {
      answer = next;
    },
    hears: (count) =>
      waitFor(() => heard.length >= count && heard, {
        what: `a receiver to hear ${count} deliveries (it has heard ${heard.length})`,
      }),
    async close() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  try {
    onTestFinished(() => receiver.close());
  } catch {
    atEndOfFile(() => receiver.close());
  }
  return receiver;
}
