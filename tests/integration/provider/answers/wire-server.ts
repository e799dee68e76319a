/**
 * A provider over a bare TCP socket: sends the bytes of an answer as they are, in pieces, and ends
 * the connection as told. An HTTP server would correct what these tests send on purpose.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { atEndOfFile } from '../../../support/end-of-file.ts';

export interface WireAnswer {
  /** Status line, headers and body. */
  bytes: Buffer;
  /** Lengths of the pieces; the last one is repeated. Empty: one piece. */
  pieces: readonly number[];
  /** `close`: FIN after the last byte. `keep`: the connection stays open. */
  ending: 'close' | 'keep';
}

export interface WireServer {
  url: string;
  /** The answer to the next requests. */
  answer: WireAnswer;
  requests: number;
  /** The newest request, with its headers. */
  lastRequest: string;
}

export async function startWireServer(): Promise<WireServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const headEnd = received.indexOf('\r\n\r\n');
      const length = /\r\ncontent-length: (\d+)/i.exec(received.toString('latin1'))?.[1];
      if (headEnd === -1 || received.length < headEnd + 4 + Number(length ?? 0)) return;
      wire.lastRequest = received.toString();
      received = Buffer.alloc(0);
      wire.requests += 1;
      void send(socket, wire.answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEndOfFile(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const wire: WireServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answer: { bytes: Buffer.alloc(0), pieces: [], ending: 'close' },
    requests: 0,
    lastRequest: '',
  };
  return wire;
}

async function send(socket: Socket, { bytes, pieces, ending }: WireAnswer): Promise<void> {
  let at = 0;
  for (let index = 0; at < bytes.length && !socket.destroyed; index += 1) {
    const length = Math.max(1, pieces[index] ?? pieces.at(-1) ?? bytes.length);
    const piece = bytes.subarray(at, at + length);
    at += length;
    // Each piece is in the reader's hands before the next one, so that pieces stay apart.
    await new Promise((resolve) => socket.write(piece, resolve));
    if (at < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
  if (ending === 'close') socket.end();
}
