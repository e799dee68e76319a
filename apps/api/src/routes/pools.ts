/** `/v1/pools` and `/v1/models`: the quotas, and the models they can be spent on. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import {
  activityWindowSchema,
  modelSchema,
  poolActivitySchema,
  poolSchema,
} from '@kiln/shared/schemas/pool';
import { textSchema } from '@kiln/shared/schemas/text';
import { listModelViews, readModelView } from '@kiln/shared/services/models';
import { switchPool } from '@kiln/shared/services/dispatch/pool-switch';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';

const poolParams = z.object({ name: textSchema(1, 100) });

export const poolRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.get(
    '/v1/pools',
    {
      schema: {
        tags: ['pools'],
        summary: 'List quotas with their pace and backlog',
        response: { 200: wholeListSchema(poolSchema) },
      },
    },
    async () => ({
      ...wholeList,
      data: await deps.jobs.backlog.list(),
    }),
  );

  app.post(
    '/v1/pools/:name/pause',
    {
      schema: {
        tags: ['pools'],
        summary: 'Pause a pool; its jobs wait',
        params: poolParams,
        response: { 200: poolSchema, '4xx': errorBodySchema },
      },
    },
    (request) => switchPool(deps.pools, request.params.name, true),
  );

  app.post(
    '/v1/pools/:name/resume',
    {
      schema: {
        tags: ['pools'],
        summary: 'Resume a pool, whatever closed it',
        params: poolParams,
        response: { 200: poolSchema, '4xx': errorBodySchema },
      },
    },
    (request) => switchPool(deps.pools, request.params.name, false),
  );

  app.get(
    '/v1/pools/:name/activity',
    {
      schema: {
        tags: ['pools'],
        summary: 'Count the calls of a pool, minute by minute',
        params: poolParams,
        querystring: z.strictObject({ window: activityWindowSchema.default('1h') }),
        response: { 200: poolActivitySchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    (request) => deps.activities.read(request.params.name, request.query.window),
  );

  app.get(
    '/v1/models',
    {
      schema: {
        tags: ['models'],
        summary: 'The model table',
        response: { 200: wholeListSchema(modelSchema) },
      },
    },
    () => ({
      ...wholeList,
      data: listModelViews(deps.jobs.config.deployments),
    }),
  );

  app.get(
    '/v1/models/:model',
    {
      schema: {
        tags: ['models'],
        summary: 'A model, by its id or an alias',
        params: z.object({ model: textSchema(1, 128) }),
        response: { 200: modelSchema, '4xx': errorBodySchema },
      },
    },
    (request) => readModelView(deps.jobs.config.deployments, request.params.model),
  );
};

/** Both lists are short and never paged. */
const wholeList = { object: 'list', first_id: null, last_id: null, has_more: false } as const;

function wholeListSchema<T extends z.ZodType>(item: T) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.null(),
    last_id: z.null(),
    has_more: z.literal(false),
  });
}
