/**
 * A process that was asked to stop finishes what is under way, tells its health, and takes nothing new. A connection that is busy at that
 * moment would stay open for as long as its client keeps it, and hold up the end: its answer is its last.
 */
import { KilnError } from '@kiln/shared/errors';
import type { FastifyInstance } from 'fastify';

const answeredToTheEnd: readonly (string | undefined)[] = ['/livez', '/readyz', '/metrics'];

export function addStopping(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook('onRequest', async (request) => {
    if (stopping.aborted && !answeredToTheEnd.includes(request.routeOptions.url)) {
      throw new KilnError('shutting_down', 'this process is stopping; nothing was accepted, try again', {
        retryAfterMs: 1_000,
      });
    }
  });
  app.addHook('onSend', async (_request, reply) => {
    if (stopping.aborted) void reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request) => {
    // An answer whose headers had left before.
    if (stopping.aborted) request.raw.socket.end();
  });
}
