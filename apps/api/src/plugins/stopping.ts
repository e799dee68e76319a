/**
 * A process that was asked to stop finishes what is under way, tells its health, and takes nothing
 * new. A connection that is busy at that moment would stay open for as long as its client keeps it,
 * and hold up the end: its answer is its last.
 */
import type { Socket } from 'node:net';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance } from 'fastify';

const answeredToTheEnd: readonly (string | undefined)[] = ['/livez', '/readyz', '/metrics'];

export function addStopping(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook('onRequest', async (request) => {
    if (stopping.aborted && !answeredToTheEnd.includes(request.routeOptions.url)) {
      throw new KilnError(
        'shutting_down',
        'this process is stopping; nothing was accepted, try again',
        {
          retryAfterMs: 1_000,
        },
      );
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) void reply.header('connection', 'close');
  });
  // Node takes a connection for busy on which nothing has been asked yet, such as a browser's spare
  // one.
  const unused = new Set<Socket>();
  app.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  app.addHook('preClose', async () => {
    for (const socket of unused) socket.end();
  });
  app.addHook('onResponse', async (request) => {
    // An answer whose headers had left before.
    if (stopping.aborted) request.raw.socket.end();
  });
}
