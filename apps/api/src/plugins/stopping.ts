/**
 * A stopping process finishes the requests under way, still reports its health, and refuses new
 * requests. It closes each busy connection after its current response; clients would otherwise keep
 * connections open and delay the end.
 */
import type { Socket } from 'node:net';
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance } from 'fastify';

const healthRoutes: readonly (string | undefined)[] = ['/livez', '/readyz', '/metrics'];

export function addStopping(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook('onRequest', async (request) => {
    if (stopping.aborted && !healthRoutes.includes(request.routeOptions.url)) {
      throw new KilnError(
        'shutting_down',
        'this process is stopping; nothing was accepted, retry',
        {
          retryAfterMs: 1_000,
        },
      );
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) void reply.header('connection', 'close');
  });
  // Node counts a connection as busy before its first request, such as a browser's spare
  // connection.
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
    // Covers responses whose headers were sent before the process was asked to stop.
    if (stopping.aborted) request.raw.socket.end();
  });
}
