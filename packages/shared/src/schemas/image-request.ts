/**
 * OpenAI's images API as its SDK sends and reads it: the shapes only. Which fields go together is
 * `services/image-requests/read-request.ts`.
 */
import { z } from 'zod';
import { nullableShapeOf } from './request-field.ts';
import { requestFields } from './request-fields.ts';

const editShape = nullableShapeOf(requestFields, 'edits');

export const generationRequestSchema = z
  .strictObject(nullableShapeOf(requestFields, 'generations'))
  .meta({ id: 'ImageGenerationRequest' });

export const editRequestSchema = z
  .strictObject({ ...editShape, images: requestFields.images.schema.unwrap() })
  .meta({ id: 'ImageEditRequest' });

/** The fields of an edit's form that are text; its pictures are files. */
export const editFieldsSchema = editRequestSchema.omit({ images: true, mask: true, markup: true });

export type GenerationRequest = z.infer<typeof generationRequestSchema>;
export type EditRequest = z.infer<typeof editRequestSchema>;

export type ImageRequest = GenerationRequest & Partial<EditRequest>;

/**
 * The answer, for the API's description only: `services/image-requests/json-answer.ts` writes it
 * piece by piece.
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
    svg_usage: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Images' });
