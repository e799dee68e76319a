/** `/v1/batches`: OpenAI's batches from JSONL or CSV files, and Kiln's extensions of them. */
import {
  creationHeadersSchema,
  errorBodySchema,
  listSchema,
  pageQuerySchema,
} from '@kiln/shared/schemas/api';
import { batchStatuses } from '@kiln/shared/domain/batch-state';
import { batchRequestSchema, batchSchema, batchValidationSchema } from '@kiln/shared/schemas/batch';
import {
  promptsRequestSchema,
  templateRequestSchema,
} from '@kiln/shared/schemas/batches/batch-template';
import { jobSchema, jobStatusSchema } from '@kiln/shared/schemas/job';
import { textSchema } from '@kiln/shared/schemas/text';
import * as batches from '@kiln/shared/services/batches/batches';
import { createBatch } from '@kiln/shared/services/batches/create-batch';
import { validateBatch } from '@kiln/shared/services/batches/input/validate';
import { listJobPage } from '@kiln/shared/services/jobs/jobs';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { addBatchBodies, batchMediaTypes, readBatchInput } from '../requests/batch-input.ts';
import { toCaller } from '../requests/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { disconnectSignal } from '../limits/wait-limiter.ts';
import { toList } from '../answers/list.ts';
import { validateExceptBodies } from '../requests/multipart-form.ts';
import type { Uploads } from '../requests/uploads.ts';

const batchParams = z.object({ id: textSchema(1, 100) });
/** JSON; a form and a file as the body have the options of the first. */
const batchBodySchema = z.union([batchRequestSchema, templateRequestSchema, promptsRequestSchema]);
const listQuery = pageQuerySchema.extend({
  status: z.enum(batchStatuses).optional(),
  q: textSchema(1, 200).optional().meta({
    description: 'Text that the name, the id or the file name of the batch contains.',
  }),
});
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const tags = ['batches'];
const change = { tags, params: batchParams, response: { 200: batchSchema, ...failures } };

export const batchRoutes: FastifyPluginAsyncZod<{ deps: ApiDeps; uploads: Uploads }> = async (
  app,
  { deps, uploads },
) => {
  await addBatchBodies(app);
  app.setValidatorCompiler(validateExceptBodies);

  app.post(
    '/v1/batches',
    {
      schema: {
        tags,
        summary: 'Create a batch from a file',
        consumes: batchMediaTypes,
        headers: creationHeadersSchema,
        body: batchBodySchema,
        response: { 200: batchSchema, ...failures },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const input = readBatchInput(request, reply, uploads);
      const { status, batch } = await createBatch(deps.batches, toCaller(request), input, key);
      if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
      return batch;
    },
  );

  app.post(
    '/v1/batches/validate',
    {
      schema: {
        tags,
        summary: 'Validate a file without storing anything',
        consumes: batchMediaTypes,
        body: batchBodySchema,
        response: { 200: batchValidationSchema, ...failures },
      },
    },
    (request, reply) =>
      validateBatch(
        deps.batches,
        toCaller(request),
        readBatchInput(request, reply, uploads),
        AbortSignal.any([disconnectSignal(reply), deps.stopping]),
      ),
  );

  app.get(
    '/v1/batches',
    {
      schema: {
        tags,
        summary: 'List batches',
        querystring: listQuery,
        response: { 200: listSchema(batchSchema), ...failures },
      },
    },
    async (request, reply) => {
      const page = await batches.listBatchPage(
        deps.batches,
        toCaller(request),
        request.query,
        disconnectSignal(reply),
      );
      return toList(page.batches, page.hasMore);
    },
  );

  app.get('/v1/batches/:id', { schema: { ...change, summary: 'Read a batch' } }, (request) =>
    batches.readBatch(deps.batches, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/batches/:id/cancel',
    { schema: { ...change, summary: 'Cancel a batch' } },
    (request) => batches.cancelBatch(deps.batches, toCaller(request), request.params.id),
  );

  app.post(
    '/v1/batches/:id/pause',
    { schema: { ...change, summary: 'Pause a batch' } },
    (request) => batches.pauseBatch(deps.batches, toCaller(request), request.params.id, true),
  );

  app.post(
    '/v1/batches/:id/resume',
    { schema: { ...change, summary: 'Resume a batch' } },
    (request) => batches.pauseBatch(deps.batches, toCaller(request), request.params.id, false),
  );

  app.post(
    '/v1/batches/:id/retry',
    { schema: { ...change, summary: 'Retry the failed rows' } },
    (request) => batches.retryBatch(deps.batches, toCaller(request), request.params.id),
  );

  app.get(
    '/v1/batches/:id/jobs',
    {
      schema: {
        tags,
        summary: 'List the jobs of a batch',
        params: batchParams,
        querystring: pageQuerySchema.extend({ status: jobStatusSchema.optional() }),
        response: { 200: listSchema(jobSchema), ...failures },
      },
    },
    async (request, reply) => {
      const caller = toCaller(request);
      const { id } = await batches.requireBatch(deps.batches, caller.projectId, request.params.id);
      const { jobs, hasMore } = await listJobPage(
        deps.jobs,
        caller,
        { ...request.query, batch_id: id },
        disconnectSignal(reply),
      );
      return toList(jobs, hasMore);
    },
  );
};
