/** The result of `POST /v1/jobs/validate`: what would become of a request, before it is sent. */
import { z } from 'zod';
import { estimateBasisSchema, jobWarningSchema, queueSchema } from '../job.ts';

const usd = z.number().meta({ description: 'US dollars' });
const seconds = z.int().meta({ description: 'Unix seconds' });

/** Also part of the cost of `POST /v1/batches/validate`. */
export const costLimitShape = {
  at_most: usd.nullable().meta({
    description:
      'US dollars. The most that is paid for, with every further call that the policy for ' +
      'unknown outcomes and unusable answers allows, and the dearest value for what the request ' +
      'leaves open. Null when there is no limit.',
  }),
  at_most_reason: z
    .string()
    .nullable()
    .meta({ description: 'Why there is no limit; null when there is one.' }),
};

const problemSchema = z.object({
  param: z.string().nullable().meta({
    description: 'The field to change, such as `size` or `images.2`; null for the whole body.',
  }),
  code: z.string().meta({ description: 'The error code that `POST /v1/jobs` would answer with.' }),
  message: z.string(),
});

export const jobValidationSchema = z
  .object({
    object: z.literal('job.validation'),
    valid: z.boolean().meta({ description: 'Whether `POST /v1/jobs` would accept the request.' }),
    problems: z.array(problemSchema).meta({
      description: 'Everything that has to be changed, in the words of `POST /v1/jobs`.',
    }),
    warnings: z.array(jobWarningSchema),
    endpoint: z.string().nullable(),
    model: z.string().nullable(),
    deployment: z.string().nullable().meta({
      description: 'The only deployment that serves the job; null while several may take it.',
    }),
    request: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({
        description:
          'The request as the job would store it. A picture that came inside the request has no ' +
          'file yet: it is shown as `{"image_url": "data:"}`.',
      }),
    cost: z.object({
      currency: z.literal('usd'),
      estimated: usd.nullable(),
      estimate_basis: estimateBasisSchema,
      ...costLimitShape,
      at_most_calls: z
        .int()
        .meta({ description: 'The most calls that are paid for without a decision of a person.' }),
    }),
    queue: queueSchema
      .extend({
        starts_at: seconds.nullable(),
        finishes_at: z
          .object({
            earliest: seconds,
            latest: seconds,
            calls: z.int().meta({
              description:
                'How many of the newest calls of the model this rests on. 0: on what the ' +
                'providers say.',
            }),
          })
          .nullable()
          .meta({ description: 'When eight of ten such jobs would be done.' }),
        pool: z
          .string()
          .nullable()
          .meta({ description: 'The pool that starts it; null while several may.' }),
      })
      .nullable()
      .meta({ description: 'Where the job would stand if it were submitted now.' }),
  })
  .meta({ id: 'JobValidation' });

export type JobValidation = z.infer<typeof jobValidationSchema>;
export type RequestProblem = z.infer<typeof problemSchema>;
