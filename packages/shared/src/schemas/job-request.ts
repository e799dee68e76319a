/** What a caller asks for: the body of `POST /v1/jobs`. Only shapes and rules that hold for every model; the rest is `domain/job-rules.ts`. */
import { z } from 'zod';
import { storableJsonSchema, textSchema } from './text.ts';

export const outputFormats = ['png', 'jpeg', 'webp', 'gif', 'svg'] as const;
export const qualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const backgrounds = ['auto', 'opaque', 'transparent'] as const;
const moderations = ['auto', 'low'] as const;
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
  n: z.int().min(1).max(10).optional().meta({ description: 'How many pictures; 1 where it is not given.' }),
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
  user: textSchema(1, 256).optional(),
  safety_identifier: textSchema(1, 256).optional(),
  provider_options: z
    .record(textSchema(1, 64), storableJsonSchema)
    .optional()
    .meta({ description: "Merged into the provider's request: for parameters newer than the model table." }),
  priority: z
    .enum(priorities)
    .optional()
    .meta({ description: '`interactive` (default) goes before `bulk`.' }),
  metadata: metadataSchema.optional(),
});

export type JobRequest = z.infer<typeof jobRequestSchema>;

/** What OpenAI's face adds: its caller watches the picture being made, so the call is streamed, with so many partial images on the way. */
export const partialImagesSchema = z.int().min(0).max(3);

export type WatchedJobRequest = JobRequest & { partial_images?: number | undefined };

/** The request as it is kept with the job: `model`, `priority` and `metadata` have fields of their own there. */
export const storedJobRequestSchema = jobRequestSchema
  .omit({ model: true, priority: true, metadata: true })
  .extend({
    partial_images: partialImagesSchema
      .optional()
      .meta({ description: 'Of a job whose caller watches it being made.' }),
  });

export type StoredJobRequest = z.infer<typeof storedJobRequestSchema>;
