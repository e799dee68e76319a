/** Pools and models in responses. */
import { z } from 'zod';
import { inputFidelities, outputFormats, qualities } from './field-values.ts';

const reportedMeterSchema = z
  .object({
    limit: z.number().nullable(),
    remaining: z.number().nullable(),
    reset_at: z.number().nullable().meta({ description: 'Unix seconds.' }),
  })
  .nullable();

const reportedLimitsSchema = z.object({
  deployment: z.string().meta({ description: 'The deployment that answered.' }),
  at: z.number().meta({ description: 'Unix seconds.' }),
  requests: reportedMeterSchema,
  images: reportedMeterSchema,
  tokens: reportedMeterSchema,
});

export const poolSchema = z
  .object({
    object: z.literal('pool'),
    name: z.string(),
    rpm: z.number().nullable().meta({
      description: 'Requests a minute that the provider grants; null: it does not count them.',
    }),
    ipm: z.number().nullable().meta({ description: 'Images a minute, if they are counted.' }),
    tpm: z.number().nullable().meta({ description: 'Tokens a minute, if they are counted.' }),
    reported: reportedLimitsSchema.nullable().meta({
      description: "What the provider's last answer said of its own limits; null: nothing yet.",
    }),
    warnings: z.array(z.string()).meta({
      description: 'Where the configured quota differs from the one that the provider reports.',
    }),
    status: z.enum(['open', 'blocked', 'paused']).meta({
      description:
        '`blocked`: until a known time. `paused`: after a fault, until a probing call ' +
        'succeeds, or by an operator.',
    }),
    pace: z.object({ interval_ms: z.number(), share: z.number() }).meta({
      description:
        'Interval between starts, and the share of the quota that is used after refusals.',
    }),
    next_start_at: z
      .number()
      .nullable()
      .meta({ description: 'Unix seconds; null before the first start.' }),
    paused_by: z
      .enum(['operator', 'fault'])
      .nullable()
      .meta({
        description:
          '`operator`: until an operator resumes it. `fault`: until a probing call succeeds, the ' +
          'next of them at `blocked_until`.',
      }),
    is_probing: z.boolean().meta({ description: 'A probing call is under way.' }),
    blocked_until: z.number().nullable(),
    blocked_reason: z.string().nullable(),
    blocked_job: z
      .string()
      .nullable()
      .meta({ description: 'The job whose refusal closed the pool.' }),
    blocked_message: z
      .string()
      .nullable()
      .meta({ description: 'The words of the provider at that refusal.' }),
    backlog: z.int().meta({
      description: 'Waiting jobs that this pool may take. Other pools may take some of them too.',
    }),
    in_flight: z.int(),
    held: z.int(),
    at_risk: z
      .number()
      .meta({ description: 'US dollars. Estimated cost of calls whose outcome is unknown.' }),
    eta_seconds: z
      .int()
      .nullable()
      .meta({
        description:
          'Seconds until the whole backlog should have started; null while an operator has ' +
          'paused the pool.',
      }),
    deployments: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['open', 'paused']),
        paused_reason: z.string().nullable(),
        paused_job: z.string().nullable(),
        paused_message: z.string().nullable(),
        next_probe_at: z.number().nullable().meta({ description: 'Unix seconds.' }),
        paused_models: z
          .array(
            z.object({
              model: z.string(),
              paused_reason: z.string(),
              paused_job: z.string().nullable(),
              paused_message: z.string().nullable(),
              next_probe_at: z.number(),
            }),
          )
          .meta({ description: 'Models that the deployment refuses; other models go on.' }),
      }),
    ),
  })
  .meta({ id: 'Pool' });

export type PoolView = z.infer<typeof poolSchema>;

/** Windows of time, in buckets that begin at multiples of their length. */
export const activityWindows = {
  '1h': { buckets: 60, bucketSeconds: 60 },
  '24h': { buckets: 96, bucketSeconds: 900 },
} as const;

export const activityWindowSchema = z.enum(['1h', '24h']);

export type ActivityWindow = z.infer<typeof activityWindowSchema>;

const calls = (how: string) => z.int().meta({ description: `Calls ${how}` });

export const poolActivitySchema = z
  .object({
    object: z.literal('pool.activity'),
    pool: z.string(),
    window: activityWindowSchema,
    bucket_seconds: z.int().meta({ description: '60 for `1h`, 900 for `24h`.' }),
    data: z
      .array(
        z.object({
          at: z.int().meta({ description: 'Unix seconds. When the bucket begins.' }),
          started: calls('that started in the bucket. All other counts are of these calls.'),
          in_flight: calls('without an answer yet.'),
          succeeded: calls('that were answered with pictures.'),
          refused: calls('that the provider certainly did not execute.'),
          rate_limited: calls('that were answered with 429; most of them are `refused`.'),
          rejected: calls('that were refused for their content or parameters.'),
          unusable: calls('that were answered without a usable picture.'),
          unknown: calls('whose outcome is unknown: they may have been billed.'),
          images: z.int().meta({ description: 'The pictures in the answers.' }),
          cost: z.number().meta({ description: 'US dollars, as far as the answers told it.' }),
        }),
      )
      .meta({
        description:
          'A bucket for each minute or quarter of an hour, oldest first; the last one ' +
          'is not over yet. Buckets without calls are zero.',
      }),
  })
  .meta({ id: 'PoolActivity' });

export type PoolActivity = z.infer<typeof poolActivitySchema>;

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    aliases: z.array(z.string()),
    deployments: z
      .array(z.string())
      .meta({ description: 'The configured deployments that serve the model.' }),
    providers: z
      .array(z.enum(['openai', 'azure']))
      .meta({ description: 'The providers of these deployments, whose rules apply.' }),
    parameters: z
      .array(z.string())
      .meta({ description: 'The fields of a job that the model takes.' }),
    sizes: z.union([
      z.object({ kind: z.literal('fixed'), allowed: z.array(z.string()) }),
      z.object({
        kind: z.literal('free'),
        edge_multiple: z.int(),
        max_ratio: z.number(),
        max_edge: z.int(),
        min_pixels: z.int(),
        max_pixels: z.int(),
      }),
    ]),
    qualities: z.array(z.enum(qualities)),
    output_formats: z.object({
      openai: z.array(z.enum(outputFormats)),
      azure: z.array(z.enum(outputFormats)),
    }),
    input_fidelity: z.array(z.enum(inputFidelities)).meta({
      description:
        'Values of `input_fidelity` for edits; empty when the model does not take the field.',
    }),
    transparent_background: z.union([z.boolean(), z.literal('preview')]),
    usd_per_million_tokens: z.object({
      text_in: z.number(),
      image_in: z.number(),
      out: z.number(),
    }),
    retires: z.object({ openai: z.string().nullable(), azure: z.string().nullable() }),
    azure_default_rpm: z.number().nullable(),
    azure_default_quality: z.enum(qualities).meta({
      description: 'What Azure makes when a request has no `quality`.',
    }),
    openai_batch: z.boolean().nullable().meta({
      description: "Whether OpenAI's own Batch API takes the model; null when it is not known.",
    }),
    inferred: z.array(z.string()).meta({
      description: 'Facts that are documented for another model only, and taken over for this one.',
    }),
  })
  .meta({ id: 'ImageModel' });

export type ModelView = z.infer<typeof modelSchema>;
