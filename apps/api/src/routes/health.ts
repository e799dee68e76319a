/**
 * `/livez`: the process runs. `/readyz`: it can accept requests; 503 as soon as the process is
 * asked to stop.
 */
import { checkHealth } from '@kiln/shared/services/health';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';

const healthSchema = z.object({
  status: z.enum(['ok', 'draining', 'unavailable']),
  database: z.enum(['ok', 'unavailable']),
  queue: z.enum(['ok', 'unavailable']),
});

export const healthRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/livez',
    {
      logLevel: 'warn',
      schema: {
        tags: ['health'],
        summary: 'Is the process alive?',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    () => ({
      status: 'ok' as const,
    }),
  );

  app.get(
    '/readyz',
    {
      logLevel: 'warn',
      schema: {
        tags: ['health'],
        summary: 'Can it take requests?',
        response: { 200: healthSchema, 503: healthSchema },
      },
    },
    async (_request, reply) => {
      const { database, queue } = await checkHealth(deps.health);
      // Ignore the queue engine's state: without it jobs are still accepted and wait in the
      // records.
      const status = deps.stopping.aborted ? ('draining' as const) : database;
      void reply.code(status === 'ok' ? 200 : 503);
      return { status, database, queue };
    },
  );
};
