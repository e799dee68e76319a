/** `GET /v1/batches/{id}/rows`: the rows of a batch by their numbers, also those without a job. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { batchRowsQuerySchema, batchRowsSchema } from '@kiln/shared/schemas/batches/batch-row';
import { textSchema } from '@kiln/shared/schemas/text';
import { listBatchRows } from '@kiln/shared/services/batches/rows/list-rows';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { toCaller } from '../requests/caller.ts';

export const batchRowRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/batches/:id/rows',
    {
      schema: {
        tags: ['batches'],
        summary: 'List the rows of a batch by number',
        params: z.object({ id: textSchema(1, 100) }),
        querystring: batchRowsQuerySchema,
        response: { 200: batchRowsSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    (request) => listBatchRows(deps.batches, toCaller(request), request.params.id, request.query),
  );
};
