/** `PATCH /v1/batches/{id}`: changes a batch that exists. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { batchChangeSchema, batchSchema } from '@kiln/shared/schemas/batch';
import { textSchema } from '@kiln/shared/schemas/text';
import { updateBatch } from '@kiln/shared/services/batches/change-batch';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { toCaller } from '../requests/caller.ts';

/** The routes of `batches.ts` do not validate their bodies, which may be files. */
export const batchChangeRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (
  app,
  { deps },
) => {
  app.patch(
    '/v1/batches/:id',
    {
      schema: {
        tags: ['batches'],
        summary: 'Change name, metadata, priority, deadline or position of a batch',
        params: z.object({ id: textSchema(1, 100) }),
        body: batchChangeSchema,
        response: { 200: batchSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    (request) => updateBatch(deps.batches, toCaller(request), request.params.id, request.body),
  );
};
