/**
 * What the four routes of OpenAI's images API have in common: two for generations, two for edits.
 */
import { creationHeadersSchema, errorBodySchema } from '@kiln/shared/schemas/api';
import { imagesAnswerSchema } from '@kiln/shared/schemas/image-request';
import { jobSchema } from '@kiln/shared/schemas/job';
import { textSchema } from '@kiln/shared/schemas/text';
import { z } from 'zod';

export const imageRouteSchema = {
  tags: ['images'],
  headers: creationHeadersSchema.extend({ prefer: z.string().optional() }),
  response: {
    200: imagesAnswerSchema,
    202: jobSchema,
    '4xx': errorBodySchema,
    '5xx': errorBodySchema,
  },
};

/** Of those that Azure's clients address. */
export const deploymentParams = z.object({ deployment: textSchema(1, 128) });

/** The model a request is for, by what it asked for. */
export type ResolveModel = (asked: string | undefined) => string | undefined;
