/** `/v1/deliveries`: the delivery of each event to each receiver, with every attempt. */
import { errorBodySchema, listSchema, pageQuerySchema } from '@kiln/shared/schemas/api';
import { textSchema } from '@kiln/shared/schemas/text';
import { deliverySchema, deliveryWithLogSchema } from '@kiln/shared/schemas/webhook';
import {
  listDeliveryPage,
  readDelivery,
  redeliverOne,
} from '@kiln/shared/services/webhooks/deliveries';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { toList } from '../answers/list.ts';

const params = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['webhooks'];
const listQuery = pageQuerySchema.extend({
  endpoint_id: textSchema(1, 100).optional(),
  event_id: textSchema(1, 100).optional(),
  status: deliverySchema.shape.status.optional(),
});

export const deliveryRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (
  app,
  { deps: { webhooks } },
) => {
  app.get(
    '/v1/deliveries',
    {
      schema: {
        tags,
        summary: 'List deliveries',
        querystring: listQuery,
        response: { 200: listSchema(deliverySchema), ...failures },
      },
    },
    async (request) => {
      const { deliveries, hasMore } = await listDeliveryPage(
        webhooks,
        toCaller(request),
        request.query,
      );
      return toList(deliveries, hasMore);
    },
  );

  app.get(
    '/v1/deliveries/:id',
    {
      schema: {
        tags,
        summary: 'Read a delivery and its attempts',
        params,
        response: { 200: deliveryWithLogSchema, ...failures },
      },
    },
    (request) => readDelivery(webhooks, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/deliveries/:id/redeliver',
    {
      schema: {
        tags,
        summary: 'Send it again, with a new retry schedule',
        params,
        response: { 200: deliveryWithLogSchema, ...failures },
      },
    },
    (request) => redeliverOne(webhooks, toCaller(request), request.params.id),
  );
};
