/**
 * `/v1/webhook_endpoints` and `/v1/webhook_secret`: creates, changes, tests and deletes the
 * receivers of events, sends failed deliveries again, and rotates the secrets that sign them.
 * Secrets are shown once. Sending is done by the worker (`services/webhooks`).
 */
import {
  creationHeadersSchema,
  errorBodySchema,
  listSchema,
  pageQuerySchema,
} from '@kiln/shared/schemas/api';
import { textSchema } from '@kiln/shared/schemas/text';
import {
  deletedEndpointSchema,
  deliveryWithLogSchema,
  endpointChangeSchema,
  endpointRequestSchema,
  endpointSchema,
  endpointWithSecretSchema,
  projectSecretSchema,
  redeliveryAnswerSchema,
  redeliverySchema,
  shownProjectSecretSchema,
} from '@kiln/shared/schemas/webhook';
import * as endpoints from '@kiln/shared/services/webhooks/endpoints';
import {
  readProjectSecret,
  renewProjectSecret,
} from '@kiln/shared/services/webhooks/request-webhooks';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toCaller } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { toList } from '../answers/list.ts';

const params = z.object({ id: textSchema(1, 100) });
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['webhooks'];

export const webhookEndpointRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (
  app,
  { deps: { webhooks } },
) => {
  app.post(
    '/v1/webhook_endpoints',
    {
      schema: {
        tags,
        summary: 'Create an endpoint; only this response has the secret',
        headers: creationHeadersSchema,
        body: endpointRequestSchema,
        response: { 200: endpointWithSecretSchema, ...failures },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const { status, endpoint } = await endpoints.createEndpoint(
        webhooks,
        toCaller(request),
        request.body,
        key,
      );
      if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
      return endpoint;
    },
  );

  app.get(
    '/v1/webhook_endpoints',
    {
      schema: {
        tags,
        summary: 'List endpoints',
        querystring: pageQuerySchema,
        response: { 200: listSchema(endpointSchema), ...failures },
      },
    },
    async (request) => {
      const page = await endpoints.listEndpointPage(webhooks, toCaller(request), request.query);
      return toList(page.endpoints, page.hasMore);
    },
  );

  app.get(
    '/v1/webhook_endpoints/:id',
    {
      schema: {
        tags,
        summary: 'Read an endpoint',
        params,
        response: { 200: endpointSchema, ...failures },
      },
    },
    (request) => endpoints.readEndpoint(webhooks, toCaller(request), request.params.id),
  );

  app.patch(
    '/v1/webhook_endpoints/:id',
    {
      schema: {
        tags,
        summary: 'Change an endpoint, disable or enable it',
        params,
        body: endpointChangeSchema,
        response: { 200: endpointSchema, ...failures },
      },
    },
    (request) =>
      endpoints.changeEndpoint(webhooks, toCaller(request), request.params.id, request.body),
  );

  app.delete(
    '/v1/webhook_endpoints/:id',
    {
      schema: {
        tags,
        summary: 'Delete an endpoint',
        params,
        response: { 200: deletedEndpointSchema, ...failures },
      },
    },
    async (request) => {
      const { id } = request.params;
      await endpoints.removeEndpoint(webhooks, toCaller(request), id);
      return { id, object: 'webhook_endpoint' as const, deleted: true as const };
    },
  );

  app.post(
    '/v1/webhook_endpoints/:id/rotate',
    {
      schema: {
        tags,
        summary: 'Rotate the secret, shown once; the old one signs for another 24 hours',
        params,
        response: { 200: endpointWithSecretSchema, ...failures },
      },
    },
    (request) => endpoints.rotateSecret(webhooks, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/webhook_endpoints/:id/test',
    {
      schema: {
        tags,
        summary: 'Send a test event',
        params,
        response: { 200: deliveryWithLogSchema, ...failures },
      },
    },
    (request) => endpoints.testEndpoint(webhooks, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/webhook_endpoints/:id/redeliver',
    {
      schema: {
        tags,
        summary: 'Send again the deliveries that failed since a time',
        params,
        body: redeliverySchema,
        response: { 200: redeliveryAnswerSchema, ...failures },
      },
    },
    async (request) => ({
      object: 'webhook_endpoint.redelivery' as const,
      count: await endpoints.redeliverSince(
        webhooks,
        toCaller(request),
        request.params.id,
        request.body.since,
      ),
    }),
  );

  app.get(
    '/v1/webhook_secret',
    {
      schema: {
        tags,
        summary: 'Read when the secret for webhooks of jobs and batches was made',
        response: { 200: projectSecretSchema, ...failures },
      },
    },
    (request) => readProjectSecret(webhooks, toCaller(request)),
  );

  app.post(
    '/v1/webhook_secret/rotate',
    {
      schema: {
        tags,
        summary: 'Make or rotate the secret for webhooks of jobs and batches; shown once',
        response: { 200: shownProjectSecretSchema, ...failures },
      },
    },
    (request) => renewProjectSecret(webhooks, toCaller(request)),
  );
};
