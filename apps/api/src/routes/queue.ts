/** `/v1/queue`: the jobs that start next, over all batches. */
import { errorBodySchema, listSchema, numberText } from '@kiln/shared/schemas/api';
import { queueEntrySchema } from '@kiln/shared/schemas/jobs/queue';
import { textSchema } from '@kiln/shared/schemas/text';
import { listNextJobs } from '@kiln/shared/services/dispatch/next-jobs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toList } from '../answers/list.ts';
import type { ApiDeps } from '../deps.ts';
import { toCaller } from '../requests/caller.ts';

const queueQuery = z.strictObject({
  pool: textSchema(1, 100)
    .optional()
    .meta({ description: 'Only the jobs that this pool should start.' }),
  limit: numberText(1, 100).default(20),
});

export const queueRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/queue',
    {
      schema: {
        tags: ['pools'],
        summary: 'List the jobs that start next',
        querystring: queueQuery,
        response: {
          200: listSchema(queueEntrySchema),
          '4xx': errorBodySchema,
          '5xx': errorBodySchema,
        },
      },
    },
    async (request) => {
      const { entries, hasMore } = await listNextJobs(deps.queue, toCaller(request), request.query);
      return toList(entries, hasMore);
    },
  );
};
