/** `sendStored` over HTTP, with stored bytes whose stream ends long after its last byte. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { sendStored } from '../../../apps/api/src/answers/send-stored.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Serves `bytes`; the stream ends only after the client has disconnected. */
async function serve(bytes: Buffer) {
  const { log, lines } = createRecordedLog();
  const disconnected = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const app = fastify({ loggerInstance: log });
  app.server.on('connection', (socket) => socket.once('close', () => disconnected.resolve()));
  app.get('/', (request, reply) =>
    sendStored(request, reply, {
      bytes: bytes.length,
      sha256: 'abc',
      what: 'the file',
      link: () => Promise.resolve(null),
      describe: () => reply.type('text/plain'),
      open: ({ start, end } = { start: 0, end: bytes.length - 1 }) => {
        const stream = Readable.from(
          (async function* () {
            yield bytes.subarray(start, end + 1);
            await disconnected.promise;
          })(),
          { objectMode: false },
        );
        stream.once('close', () => closed.resolve());
        return Promise.resolve(stream);
      },
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  lines.length = 0;
  const { port } = app.server.address() as AddressInfo;
  return { port, lines, closed };
}

test.each([
  [{}, 0, 200_000],
  [{ range: 'bytes=10-19' }, 10, 20],
])(
  '%j is logged as completed when the client leaves after the last byte',
  async (headers, start, end) => {
    const bytes = Buffer.alloc(200_000, 'stored ');
    const { port, lines, closed } = await serve(bytes);
    const request = httpRequest({ port, headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const { socket } = response;
    const received = await buffer(response);
    socket.destroy();
    expect(received.equals(bytes.subarray(start, end))).toBe(true);
    await closed.promise;
    await waitFor(() => lines.length > 1, { what: 'the end of the request to be logged' });
    expect(lines.map(({ message }) => message)).toEqual(['incoming request', 'request completed']);
  },
);
