/** Finals of drafts: of images of a batch, of any images, and of one job. */
import { creationHeadersSchema, errorBodySchema } from '@kiln/shared/schemas/api';
import { batchSchema } from '@kiln/shared/schemas/batch';
import {
  batchFinalsRequestSchema,
  finalsPreviewSchema,
  finalsRequestSchema,
  jobFinalsRequestSchema,
} from '@kiln/shared/schemas/finals/finals';
import { jobSchema } from '@kiln/shared/schemas/job';
import { textSchema } from '@kiln/shared/schemas/text';
import {
  createFinals,
  previewFinals,
  type FinalsOrder,
} from '@kiln/shared/services/finals/create-finals';
import { finishDraft, previewFinal } from '@kiln/shared/services/finals/finish-draft';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDeps } from '../../deps.ts';
import { toCaller } from '../../requests/caller.ts';
import { locate } from '../../requests/request-address.ts';

const params = z.object({ id: textSchema(1, 100) });
const querystring = z.object({
  dry_run: z.enum(['true', 'false']).optional().meta({
    description: '`true`: only says what would be made, what it costs and what is wrong.',
  }),
});
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const batchAnswers = { 200: finalsPreviewSchema, 201: batchSchema, ...failures };
const shared = { headers: creationHeadersSchema, querystring };

export const finalsRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps }> = async (app, { deps }) => {
  app.post(
    '/v1/finals',
    {
      schema: {
        tags: ['finals'],
        summary: 'Make finals of images',
        ...shared,
        body: finalsRequestSchema,
        response: batchAnswers,
      },
    },
    (request, reply) => answer(request, reply, request.body),
  );

  app.post(
    '/v1/batches/:id/finals',
    {
      schema: {
        tags: ['finals'],
        summary: 'Make finals of images of a batch',
        params,
        ...shared,
        body: batchFinalsRequestSchema,
        response: batchAnswers,
      },
    },
    (request, reply) => answer(request, reply, { ...request.body, batchId: request.params.id }),
  );

  app.post(
    '/v1/jobs/:id/finals',
    {
      schema: {
        tags: ['finals'],
        summary: 'Make the final of an image of a job',
        params,
        ...shared,
        body: jobFinalsRequestSchema,
        response: { 200: finalsPreviewSchema, 202: jobSchema, ...failures },
      },
    },
    async (request, reply) => {
      const { body, query } = request;
      const { id } = request.params;
      const caller = toCaller(request);
      if (query.dry_run === 'true') return previewFinal(deps.jobs, caller, id, body);
      const submission = await finishDraft(deps.jobs, caller, id, body, keyOf(request));
      sayReplayed(reply, submission.status);
      const { job } = submission;
      return reply
        .code(202)
        .header('location', locate(request, `/v1/jobs/${job.id}`))
        .send(job);
    },
  );

  async function answer(
    request: FastifyRequest<{ Querystring: z.infer<typeof querystring> }>,
    reply: FastifyReply,
    order: FinalsOrder,
  ) {
    const caller = toCaller(request);
    if (request.query.dry_run === 'true') return previewFinals(deps.batches, caller, order);
    const { status, batch } = await createFinals(deps.batches, caller, order, keyOf(request));
    sayReplayed(reply, status);
    return reply
      .code(201)
      .header('location', locate(request, `/v1/batches/${batch.id}`))
      .send(batch);
  }
};

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}

function sayReplayed(reply: FastifyReply, status: 'created' | 'replayed'): void {
  if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
}
