/**
 * OpenAI's images API as its SDK sends and reads it. Of the request only shapes; what goes together
 * is `services/image-requests/read-request.ts`.
 */
import { z } from 'zod';
import { jobRequestSchema, partialImagesSchema } from './job-request.ts';
import { storableJsonSchema } from './text.ts';

const fields = jobRequestSchema.shape;

/** The SDK's types allow null for almost every field: it says the same as leaving it out. */
const sharedFields = {
  prompt: fields.prompt,
  model: fields.model.nullable(),
  n: fields.n.nullable(),
  size: fields.size.nullable(),
  quality: fields.quality.nullable(),
  background: fields.background.nullable(),
  output_format: fields.output_format.nullable(),
  output_compression: fields.output_compression.nullable(),
  moderation: fields.moderation.nullable(),
  user: fields.user.nullable(),
  safety_identifier: fields.safety_identifier.nullable(),
  stream: z.boolean().nullish().meta({ description: "OpenAI's server-sent events." }),
  partial_images: partialImagesSchema
    .nullish()
    .meta({ description: 'On the way; with `stream` only.' }),
  response_format: z
    .enum(['b64_json', 'url'])
    .nullish()
    .meta({ description: '`url`: where Kiln keeps the picture, instead of its bytes.' }),
  // Newer than the model table: handed to the provider unchecked, as `provider_options` are.
  complexity: z.enum(['low', 'medium', 'high']).nullish(),
  frame_count: z.int().min(2).max(16).nullish(),
  frame_duration_ms: z.int().min(1).max(655_350).nullish(),
  metadata: fields.metadata.nullable(),
  provider_options: fields.provider_options.nullable(),
};

export const generationRequestSchema = z
  .strictObject({ ...sharedFields, svg: storableJsonSchema.nullish() })
  .meta({ id: 'ImageGenerationRequest' });

/** What a form has beside its pictures. */
export const editFieldsSchema = z.strictObject({
  ...sharedFields,
  input_fidelity: fields.input_fidelity.nullable(),
});

export const editRequestSchema = editFieldsSchema
  .extend({
    images: fields.images.unwrap(),
    mask: fields.mask.nullable(),
    markup: fields.markup.nullable(),
  })
  .meta({ id: 'ImageEditRequest' });

export type GenerationRequest = z.infer<typeof generationRequestSchema>;
export type EditRequest = z.infer<typeof editRequestSchema>;

/** Any of them. */
export type ImageRequest = GenerationRequest & Partial<EditRequest>;

/**
 * What it is answered with. Written piece by piece (`services/image-requests/json-answer.ts`), so
 * this only documents it.
 */
export const imagesAnswerSchema = z
  .object({
    created: z.int().meta({ description: 'Unix seconds' }),
    data: z.array(z.object({ b64_json: z.string().optional(), url: z.string().optional() })),
    background: z.string().optional(),
    output_format: z.string().optional(),
    quality: z.string().optional(),
    size: z.string().optional(),
    usage: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Images' });
