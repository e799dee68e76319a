/** `POST /v1/jobs/validate`: says what would become of a job, and stores nothing. */
import { errorBodySchema } from '@kiln/shared/schemas/api';
import { jobRequestSchema } from '@kiln/shared/schemas/job-request';
import { jobValidationSchema } from '@kiln/shared/schemas/jobs/job-validation';
import { validateJob } from '@kiln/shared/services/jobs/validate-job';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ApiDeps } from '../deps.ts';
import { submissionLimitBytes } from '../limits/body-limits.ts';
import type { LargeBodyLimiter } from '../limits/large-body-limiter.ts';
import { toCaller } from '../requests/caller.ts';
import { validateExceptBodies } from '../requests/multipart-form.ts';

export const jobValidationRoutes: FastifyPluginAsyncZod<{
  deps: ApiDeps;
  bodies: LargeBodyLimiter;
}> = async (app, { deps, bodies }) => {
  // The answer reports what is wrong with a body; an error would only have its first problems.
  app.setValidatorCompiler(validateExceptBodies);

  app.post(
    '/v1/jobs/validate',
    {
      bodyLimit: submissionLimitBytes,
      schema: {
        tags: ['jobs'],
        summary: 'Check a job without submitting it: problems, cost and start',
        body: jobRequestSchema,
        response: { 200: jobValidationSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
      },
    },
    async (request) => {
      const validation = await validateJob(deps.jobs, toCaller(request), request.body);
      bodies.release(request);
      return validation;
    },
  );
};
