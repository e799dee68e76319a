/**
 * `/v1/jobs`: submits, reads, changes, lists, cancels, resolves, retries and deletes jobs, and
 * lists the provider calls of a job. Requests may wait for the end of a job (`Prefer: wait=N`);
 * `wait-limiter.ts` bounds how many do. The rules of jobs are in `services/jobs`.
 */
import {
  creationHeadersSchema,
  errorBodySchema,
  listSchema,
  numberText,
  pageQuerySchema,
} from '@kiln/shared/schemas/api';
import {
  attemptSchema,
  deletedJobSchema,
  imageOfferSchema,
  jobSchema,
  jobStatusSchema,
  type Job,
} from '@kiln/shared/schemas/job';
import { jobRequestSchema } from '@kiln/shared/schemas/job-request';
import { jobChangeSchema } from '@kiln/shared/schemas/jobs/job-change';
import { metadataSchema } from '@kiln/shared/schemas/metadata';
import { textSchema } from '@kiln/shared/schemas/text';
import { updateJob } from '@kiln/shared/services/jobs/change-job';
import { removeJob } from '@kiln/shared/services/jobs/delete-job';
import {
  resolveJob,
  resolveRequestSchema,
  retryJob,
} from '@kiln/shared/services/jobs/job-decisions';
import * as jobs from '@kiln/shared/services/jobs/jobs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { submissionLimitBytes } from '../limits/body-limits.ts';
import type { LargeBodyLimiter } from '../limits/large-body-limiter.ts';
import { toCaller } from '../requests/caller.ts';
import { liftMembers } from '../requests/nested-query.ts';
import { locate } from '../requests/request-address.ts';
import type { ApiDeps } from '../deps.ts';
import { retryAfterSeconds, admitWait } from '../requests/http-preferences.ts';
import { toList } from '../answers/list.ts';
import { disconnectSignal, type WaitLimiter } from '../limits/wait-limiter.ts';

const jobParams = z.object({ id: textSchema(1, 100) });
const creationHeaders = creationHeadersSchema.extend({ prefer: z.string().optional() });
const unixSeconds = numberText(0, 9_999_999_999).optional().meta({ description: 'Unix seconds' });
const listQuery = pageQuerySchema.extend({
  status: jobStatusSchema.optional(),
  batch_id: textSchema(1, 100).optional(),
  model: textSchema(1, 128).optional(),
  error_code: textSchema(1, 100)
    .optional()
    .meta({ description: 'The code of the error that the job has.' }),
  custom_id: textSchema(1, 256)
    .optional()
    .meta({ description: 'What the caller of a batch called its row.' }),
  metadata: metadataSchema.optional().meta({
    description: 'Pairs that the metadata has: `metadata[order]=17`.',
  }),
  q: textSchema(1, 200).optional().meta({ description: 'Text the prompt contains.' }),
  created_after: unixSeconds,
  created_before: unixSeconds,
});
const jobListSchema = listSchema(jobSchema).extend({
  search_complete: z
    .boolean()
    .optional()
    .meta({
      description:
        'Only with `q` and `metadata`. False: jobs that were not searched may match as well; ' +
        '`last_id` or `status` leads to them.',
    }),
});
const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema };
const toImage = z.null().meta({
  description: 'To the first picture, for a caller that accepts pictures rather than JSON.',
});
const tags = ['jobs'];

export const jobRoutes: FastifyPluginAsyncZod<{
  deps: ApiDeps;
  bodies: LargeBodyLimiter;
  waits: WaitLimiter;
}> = async (app, { deps, bodies, waits }) => {
  app.post(
    '/v1/jobs',
    {
      bodyLimit: submissionLimitBytes,
      schema: {
        tags,
        summary: 'Submit a job',
        headers: creationHeaders,
        body: jobRequestSchema,
        response: {
          200: z.union([jobSchema, imageOfferSchema]),
          202: jobSchema,
          303: toImage,
          ...failures,
        },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const caller = toCaller(request);
      const outcome = await jobs.submitOrOffer(deps.jobs, caller, request.body, key);
      bodies.release(request);
      if (outcome.status === 'offered') return outcome.offer;
      const { status, job } = outcome;
      if (status === 'replayed') void reply.header('idempotent-replayed', 'true');
      return answerSubmitted(request, reply, job);
    },
  );

  app.get(
    '/v1/jobs',
    {
      schema: {
        tags,
        summary: 'List jobs',
        querystring: listQuery,
        response: { 200: jobListSchema, ...failures },
      },
      preValidation: liftMembers('metadata'),
    },
    async (request, reply) => {
      const page = await jobs.listJobPage(
        deps.jobs,
        toCaller(request),
        request.query,
        disconnectSignal(reply),
      );
      return {
        ...toList(page.jobs, page.hasMore, page.continueAfter),
        search_complete: page.isSearchComplete,
      };
    },
  );

  app.get(
    '/v1/jobs/:id',
    {
      schema: {
        tags,
        summary: 'Read a job',
        params: jobParams,
        response: { 200: jobSchema, 303: toImage, ...failures },
      },
    },
    async (request, reply) => {
      const waitMs = admitWait(request, reply, waits);
      const { id } = request.params;
      const job = await (waitMs === 0
        ? jobs.readJob(deps.jobs, toCaller(request), id)
        : awaitEnd(request, reply, id, waitMs));
      if (prefersImage(request, job)) return reply.redirect(locate(request, imagePath(job)), 303);
      if (isUnderWay(job)) void reply.header('retry-after', retryAfterSeconds(job));
      return job;
    },
  );

  app.patch(
    '/v1/jobs/:id',
    {
      schema: {
        tags,
        summary: 'Change the metadata of a job, and when it starts while it waits',
        params: jobParams,
        body: jobChangeSchema,
        response: { 200: jobSchema, ...failures },
      },
    },
    (request) => updateJob(deps.jobs, toCaller(request), request.params.id, request.body),
  );

  app.get(
    '/v1/jobs/:id/attempts',
    {
      schema: {
        tags,
        summary: 'List the provider calls of a job',
        params: jobParams,
        response: { 200: listSchema(attemptSchema), ...failures },
      },
    },
    async (request) =>
      toList(await jobs.readAttempts(deps.jobs, toCaller(request), request.params.id), false),
  );

  app.post(
    '/v1/jobs/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Cancel a job',
        params: jobParams,
        body: jobs.cancelRequestSchema,
        response: { 200: jobSchema, ...failures },
      },
    },
    (request) =>
      jobs.requestCancel(
        deps.jobs,
        toCaller(request),
        request.params.id,
        request.body?.force ?? false,
      ),
  );

  app.post(
    '/v1/jobs/:id/resolve',
    {
      schema: {
        tags,
        summary: 'Decide a held job',
        params: jobParams,
        body: resolveRequestSchema,
        response: { 200: jobSchema, ...failures },
      },
    },
    (request) => resolveJob(deps.jobs, toCaller(request), request.params.id, request.body.action),
  );

  app.post(
    '/v1/jobs/:id/retry',
    {
      schema: {
        tags,
        summary: 'Retry a failed or cancelled job',
        params: jobParams,
        response: { 200: jobSchema, ...failures },
      },
    },
    (request) => retryJob(deps.jobs, toCaller(request), request.params.id),
  );

  app.delete(
    '/v1/jobs/:id',
    {
      schema: {
        tags,
        summary: 'Delete a job with its pictures; its calls stay in the ledger',
        params: jobParams,
        response: { 200: deletedJobSchema, ...failures },
      },
    },
    async (request) => {
      const { id } = request.params;
      await removeJob(deps.jobs, toCaller(request), id);
      return { id, object: 'image.job' as const, deleted: true as const };
    },
  );

  async function answerSubmitted(
    request: FastifyRequest,
    reply: FastifyReply,
    submitted: Job,
  ): Promise<Job | FastifyReply> {
    const waitMs = admitWait(request, reply, waits);
    const job = waitMs === 0 ? submitted : await awaitEnd(request, reply, submitted.id, waitMs);
    if (prefersImage(request, job)) return reply.redirect(locate(request, imagePath(job)), 303);
    void reply
      .code(isUnderWay(job) ? 202 : 200)
      .header('location', locate(request, `/v1/jobs/${job.id}`));
    if (isUnderWay(job)) void reply.header('retry-after', retryAfterSeconds(job));
    return job;
  }

  function awaitEnd(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    waitMs: number,
  ): Promise<Job> {
    return jobs.awaitJob(
      deps.jobs,
      toCaller(request),
      id,
      waitMs,
      AbortSignal.any([disconnectSignal(reply), deps.stopping]),
    );
  }
};

function isUnderWay({ status }: Job): boolean {
  return status === 'queued' || status === 'in_progress';
}

/**
 * A caller that accepts images rather than JSON is redirected to the first image, so that a single
 * `curl -L` downloads it.
 */
function prefersImage(request: FastifyRequest, job: Job): boolean {
  return job.images.length > 0 && (request.headers.accept ?? '').startsWith('image/');
}

function imagePath(job: Job): string {
  return `/v1/jobs/${job.id}/images/0`;
}
