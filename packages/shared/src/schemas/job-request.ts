/**
 * What a caller asks for: the body of `POST /v1/jobs`. Only shapes and rules that hold for every
 * model; the rest is `models/job-rules.ts`.
 */
import { z } from 'zod';
import { maxImages, sourceSchema, storedSourceSchema } from './source.ts';
import { storableJsonSchema, textSchema } from './text.ts';
import { jobWebhookEventsSchema, webhookUrlSchema } from './webhook.ts';

export const outputFormats = ['png', 'jpeg', 'webp', 'gif', 'svg'] as const;
export const qualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const backgrounds = ['auto', 'opaque', 'transparent'] as const;
const moderations = ['auto', 'low'] as const;
export const inputFidelities = ['low', 'high'] as const;
export const priorities = ['interactive', 'bulk'] as const;

const maxPromptCharacters = 32_000;
const maxMetadataPairs = 16;

export const metadataSchema = z
  .record(textSchema(1, 64), textSchema(0, 512))
  .refine((pairs) => Object.keys(pairs).length <= maxMetadataPairs, {
    error: ({ input }) =>
      `has ${Object.keys(input as object).length} pairs; at most ${maxMetadataPairs} pairs are allowed`,
  });

export const jobRequestSchema = z.strictObject({
  prompt: textSchema(1, maxPromptCharacters).meta({
    description: 'What the picture shows.',
    examples: ['A small boat in morning fog'],
  }),
  model: textSchema(1, 128)
    .optional()
    .meta({ description: 'Default: the model of the first configured deployment.' }),
  n: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .meta({ description: 'How many pictures; 1 where it is not given.' }),
  size: textSchema(1, 32)
    .optional()
    .meta({ description: 'WIDTHxHEIGHT or auto; `GET /v1/models` lists what each model takes.' }),
  quality: z.enum(qualities).optional(),
  background: z.enum(backgrounds).optional(),
  output_format: z.enum(outputFormats).optional(),
  output_compression: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .meta({ description: 'Per cent; with jpeg and webp only.' }),
  moderation: z.enum(moderations).optional(),
  images: z
    .array(sourceSchema)
    .min(1)
    .max(maxImages)
    .optional()
    .meta({ description: 'Makes the job an edit of these pictures.' }),
  mask: sourceSchema.optional().meta({
    description: 'A png of the first image’s size, transparent where that is to be changed.',
  }),
  markup: sourceSchema.optional().meta({
    description:
      'A png laid over the first image to guide the edit, where the model takes one; not with a mask.',
  }),
  input_fidelity: z
    .enum(inputFidelities)
    .optional()
    .meta({ description: 'How closely an edit keeps to its images, where the model takes it.' }),
  user: textSchema(1, 256).optional(),
  safety_identifier: textSchema(1, 256).optional(),
  provider_options: z.record(textSchema(1, 64), storableJsonSchema).optional().meta({
    description: "Merged into the provider's request: for parameters newer than the model table.",
  }),
  priority: z
    .enum(priorities)
    .optional()
    .meta({ description: '`interactive` (default) goes before `bulk`.' }),
  metadata: metadataSchema.optional(),
  webhook_url: webhookUrlSchema.optional().meta({
    description:
      'Where events of this job go, signed with the secret of `POST /v1/webhook_secret/rotate`.',
  }),
  webhook_events: jobWebhookEventsSchema
    .optional()
    .meta({ description: 'Default: its ends, and `job.held`.' }),
});

export type JobRequest = z.infer<typeof jobRequestSchema>;

/**
 * What OpenAI's face adds: its caller watches the picture being made, so the call is streamed, with
 * so many partial images on the way.
 */
export const partialImagesSchema = z.int().min(0).max(3);

export type StreamableJobRequest = JobRequest & { partial_images?: number | undefined };

/**
 * The request as it is kept with the job: `model`, `priority` and `metadata` have fields of their
 * own there, pictures are files.
 */
export const storedJobRequestSchema = jobRequestSchema
  .omit({ model: true, priority: true, metadata: true, webhook_url: true, webhook_events: true })
  .extend({
    images: z.array(storedSourceSchema).optional(),
    mask: storedSourceSchema.optional(),
    markup: storedSourceSchema.optional(),
    partial_images: partialImagesSchema
      .optional()
      .meta({ description: 'Of a job whose caller watches it being made.' }),
  });

/** A row of a table names its pictures beside its request. */
export const rowRequestSchema = jobRequestSchema.omit({
  images: true,
  mask: true,
  markup: true,
  webhook_url: true,
  webhook_events: true,
});

export type RowRequest = z.infer<typeof rowRequestSchema>;

export type StoredJobRequest = z.infer<typeof storedJobRequestSchema>;
