/**
 * A job, its images and its attempts in responses, as `services/jobs/job-view.ts` builds them from
 * rows. Times are Unix seconds, money is US dollars. The request of a job is described in
 * `job-request.ts`.
 */
import { z } from 'zod';
import { attemptStatuses } from '../domain/attempt-state.ts';
import { jobStatuses } from '../domain/job-state.ts';
import { priorities } from './field-values.ts';
import { storedJobRequestSchema } from './job-request.ts';
import { metadataSchema } from './metadata.ts';

const seconds = z.int().meta({ description: 'Unix seconds' });
const usd = z.number().meta({ description: 'US dollars' });

export const jobWarningSchema = z.object({ code: z.string(), message: z.string() });

/** Why a job or an attempt failed. The codes are listed in `provider/faults/fault-codes.ts`. */
export const jobErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  /**
   * Set when the provider refused the content; names the stage and the categories of the refusal.
   */
  moderation: z
    .object({ stage: z.string().nullable(), categories: z.array(z.string()) })
    .nullable(),
});

const choice = z.string().min(1).max(32).optional().catch(undefined);

/** More than a request's own prompt may have. */
const rewritten = z.string().min(1).max(64_000).optional().catch(undefined);

/**
 * What the provider chose for fields that the request left open, and the prompt as it rewrote it,
 * when its answer says so.
 */
export const chosenSchema = z.object({
  background: choice,
  quality: choice,
  revised_prompt: rewritten,
});

export const provenanceSchema = z.object({
  c2pa: z.boolean().nullable().meta({
    description:
      'Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look.',
  }),
});

export const imageSchema = z.object({
  index: z.int(),
  url: z.string(),
  thumbnail_url: z
    .string()
    .nullable()
    .meta({ description: 'A webp of at most 320 pixels; null for gif and svg.' }),
  format: z.string(),
  width: z.int(),
  height: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  thumbhash: z
    .string()
    .nullable()
    .meta({
      description:
        'A ThumbHash in base64: a few bytes to show, blurred, until the picture arrives. Made ' +
        'right after the picture; null until then, for gif and svg, and where it cannot be made.',
    }),
  composite: z
    .object({
      url: z.string(),
      format: z.literal('png'),
      width: z.int(),
      height: z.int(),
      bytes: z.int(),
      sha256: z.string(),
    })
    .nullable()
    .meta({
      description:
        'The first image of an edit, laid back outside the mask. Made right after the picture, ' +
        'if the request has `composite`.',
    }),
  rating: z.int().nullable().meta({ description: '1 to 5; null: none.' }),
  starred: z.boolean(),
  trashed_at: seconds.nullable().meta({
    description: 'Unix seconds. It is in the trash, and is deleted some days later.',
  }),
  provenance: provenanceSchema,
  composite_skipped: jobWarningSchema.nullable().meta({
    description:
      'Why the request has `composite` and this image none. While it is being made, both are null.',
  }),
});

/** Also used by batches, whose rows may rest on several grounds. */
export const estimateBasisSchema = z
  .string()
  .nullable()
  .meta({
    description:
      'What the estimate rests on: `published` figures of the provider, `inferred` ones, or ' +
      '`learnt from 214 calls`. Null when there is no estimate.',
  });

export const costSchema = z.object({
  currency: z.literal('usd'),
  estimated: usd.nullable(),
  estimate_basis: estimateBasisSchema,
  actual: usd.nullable(),
  at_risk: usd.meta({
    description: 'US dollars. Estimated cost of calls whose outcome is unknown.',
  }),
});

const svgUsageSchema = z.record(z.string(), z.unknown()).nullable().meta({
  description: 'The tokens of the model that wrote an SVG document, as the provider counts them.',
});

export const jobStatusSchema = z.enum(jobStatuses);

/** Why a queued job waits: the first of these that holds, as the answers of the API give it. */
export const waitReasons = [
  /** Its batch is paused. */
  'batch_paused',
  /** The object store does not give the pictures that the job sends. */
  'store_away',
  /** The worker has no room to keep an answer. */
  'spool_full',
  /** No configured deployment serves the job any more. */
  'not_served',
  /** An operator or a fault has paused its pools. */
  'pool_paused',
  /** The provider asked its pools to wait. */
  'blocked',
  /** The deployments that serve it are faulty. */
  'deployment_paused',
  /** The deployments that serve it refuse its model. */
  'model_paused',
  /** Its last call was refused, and another job shows first whose fault that was. */
  'refused',
  /** It rests before its call is repeated. */
  'retry',
  /** More urgent jobs go first. */
  'priority',
  /** Its turn comes when the pace of its pool allows it. */
  'pace',
] as const;

export type WaitReason = (typeof waitReasons)[number];

export const queueSchema = z.object({
  position: z.int().meta({ description: 'The number of jobs that start before it.' }),
  starts_in_seconds: z.int().nullable().meta({
    description: 'Seconds until its call should start; null while an operator has paused its pool.',
  }),
  eta_seconds: z.int().nullable().meta({
    description:
      'Seconds until the job should be done; null while an operator has paused its pool.',
  }),
  reason: z.enum(waitReasons).meta({
    description:
      'Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. ' +
      '`pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call ' +
      'succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last ' +
      'call was refused, and another job shows first whose fault that was. `retry`: it rests ' +
      'before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. ' +
      '`batch_paused`. `not_served`: no deployment serves it any more.',
  }),
  because: z
    .object({ code: z.string(), job_id: z.string().nullable(), message: z.string().nullable() })
    .nullable()
    .meta({
      description: 'The code, the job that was refused, and the words of the provider, if any.',
    }),
  until: z.int().nullable().meta({
    description: 'Unix seconds: the end of the wait, or the next probe, as far as it is known.',
  }),
});

export const jobSchema = z
  .object({
    id: z.string(),
    object: z.literal('image.job'),
    status: jobStatusSchema,
    created_at: seconds,
    started_at: seconds.nullable(),
    finished_at: seconds.nullable(),
    cancel_requested_at: seconds.nullable(),
    endpoint: z.string(),
    model: z.string(),
    deployment: z.string().nullable().meta({
      description:
        'The deployment of the last call; null while several may take the job and none has.',
    }),
    priority: z.enum(priorities),
    request: storedJobRequestSchema,
    warnings: z.array(jobWarningSchema),
    images: z.array(imageSchema),
    results_deleted_at: seconds.nullable().meta({
      description:
        'Unix seconds. When the images of a succeeded job were deleted, at the end of the ' +
        'time that results are kept.',
    }),
    usage: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'The usage object of the provider, unchanged.' }),
    svg_usage: svgUsageSchema,
    chosen: z
      .object({
        background: z.string().optional(),
        quality: z.string().optional(),
        revised_prompt: z.string().optional(),
      })
      .nullable()
      .meta({
        description:
          'What the provider says that it chose: values that the request left open or that it ' +
          'changed, and the prompt as it rewrote it. Null before an answer.',
      }),
    cost: costSchema,
    attempts: z.object({ made: z.int(), max: z.int() }),
    error: jobErrorSchema.nullable(),
    queue: queueSchema.nullable().meta({
      description: 'Where the job stands and why it waits; null once it has started.',
    }),
    batch_id: z.string().nullable(),
    custom_id: z.string().nullable(),
    derived_from: z
      .string()
      .nullable()
      .meta({ description: 'The image that the job finishes, `job_…/0`.' }),
    reused_from: z.string().nullable().meta({
      description: 'The job whose images these are copies of: nothing was paid for them.',
    }),
    metadata: metadataSchema,
    webhook_url: z.string().nullable(),
    webhook_events: z.array(z.string()).nullable(),
  })
  .meta({ id: 'ImageJob' });

export const imageOfferSchema = z
  .object({
    object: z.literal('image.offer'),
    made_before: z
      .array(jobSchema)
      .meta({ description: 'Up to five jobs with the same request, the newest first.' }),
    message: z.string(),
  })
  .meta({ id: 'ImageOffer' });

export type ImageOffer = z.infer<typeof imageOfferSchema>;

export const deletedJobSchema = z
  .object({ id: z.string(), object: z.literal('image.job'), deleted: z.literal(true) })
  .meta({ id: 'DeletedImageJob' });

export const attemptSchema = z
  .object({
    object: z.literal('image.job.attempt'),
    id: z.string(),
    job_id: z.string(),
    number: z.int(),
    status: z.enum(attemptStatuses),
    deployment: z.string(),
    pool: z.string(),
    started_at: seconds,
    finished_at: seconds.nullable(),
    http_status: z.int().nullable(),
    provider_request_id: z.string().nullable(),
    usage: z.record(z.string(), z.unknown()).nullable(),
    svg_usage: svgUsageSchema,
    cost: z.object({ currency: z.literal('usd'), actual: usd.nullable(), at_risk: usd }),
    error: jobErrorSchema.nullable(),
  })
  .meta({ id: 'ImageJobAttempt' });

export type Job = z.infer<typeof jobSchema>;
export type JobImage = z.infer<typeof imageSchema>;
export type Chosen = z.infer<typeof chosenSchema>;
export type JobError = z.infer<typeof jobErrorSchema>;
export type JobWarning = z.infer<typeof jobWarningSchema>;
export type Attempt = z.infer<typeof attemptSchema>;
