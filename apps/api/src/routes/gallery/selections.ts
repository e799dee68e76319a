/** `/v1/selections`: images that were chosen by a filter, or one by one, for an hour. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { newSelectionSchema, selectionSchema } from '@kiln/shared/schemas/gallery/selection';
import { textSchema } from '@kiln/shared/schemas/text';
import { createSelection, readSelection } from '@kiln/shared/services/gallery/selections';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../../deps.ts';
import { disconnectSignal } from '../../limits/wait-limiter.ts';
import { toCaller } from '../../requests/caller.ts';

const params = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['gallery'];

export const selectionRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.post(
    '/v1/selections',
    {
      schema: {
        tags,
        summary: 'Select images by a filter, or one by one',
        body: newSelectionSchema,
        response: { 201: selectionSchema, ...failures },
      },
    },
    async (request, reply) => {
      const signal = disconnectSignal(reply);
      const made = await createSelection(deps.gallery, toCaller(request), request.body, signal);
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/v1/selections/:id',
    {
      schema: {
        tags,
        summary: 'Read a selection',
        params,
        response: { 200: selectionSchema, ...failures },
      },
    },
    (request) => readSelection(deps.gallery, toCaller(request), request.params.id),
  );
};
