/** `/v1/bulk_actions`: one change of many images, made by a worker (`services/bulk-actions`). */
import {
  creationHeadersSchema,
  errorBodySchema,
  listSchema,
  pageQuerySchema,
} from '@kiln/shared/schemas/api';
import {
  bulkActionRequestSchema,
  bulkActionSchema,
} from '@kiln/shared/schemas/gallery/bulk-action';
import { textSchema } from '@kiln/shared/schemas/text';
import * as bulkActions from '@kiln/shared/services/bulk-actions/bulk-actions';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toList } from '../../answers/list.ts';
import type { ApiDeps } from '../../deps.ts';
import { toCaller } from '../../requests/caller.ts';

const params = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['gallery'];
const change = { tags, params, response: { 200: bulkActionSchema, ...failures } };
const creation = {
  tags,
  headers: creationHeadersSchema,
  response: { 202: bulkActionSchema, ...failures },
};

export const bulkActionRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (
  app,
  { deps: { bulkActions: deps } },
) => {
  app.post(
    '/v1/bulk_actions',
    { schema: { ...creation, summary: 'Change many images', body: bulkActionRequestSchema } },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const caller = toCaller(request);
      return answer(reply, await bulkActions.createBulkAction(deps, caller, request.body, key));
    },
  );

  app.get(
    '/v1/bulk_actions',
    {
      schema: {
        tags,
        summary: 'List bulk actions',
        querystring: pageQuerySchema,
        response: { 200: listSchema(bulkActionSchema), ...failures },
      },
    },
    async (request) => {
      const page = await bulkActions.listBulkActionPage(deps, toCaller(request), request.query);
      return toList(page.actions, page.hasMore);
    },
  );

  app.get(
    '/v1/bulk_actions/:id',
    { schema: { ...change, summary: 'Read a bulk action' } },
    (request) => bulkActions.readBulkAction(deps, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/bulk_actions/:id/stop',
    { schema: { ...change, summary: 'Stop a bulk action' } },
    (request) => bulkActions.stop(deps, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/bulk_actions/:id/resume',
    { schema: { ...change, summary: 'Resume a stopped or failed bulk action' } },
    (request) => bulkActions.resume(deps, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/bulk_actions/:id/undo',
    { schema: { ...creation, params, summary: 'Restore the images that the action deleted' } },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const caller = toCaller(request);
      return answer(reply, await bulkActions.undo(deps, caller, request.params.id, key));
    },
  );
};

function answer(reply: FastifyReply, { status, action }: bulkActions.BulkActionCreation) {
  if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
  void reply.code(202);
  return action;
}
