/**
 * Schema parts shared by the four routes of OpenAI's images API: two for generations, two for
 * edits.
 */
import { creationHeadersSchema, errorBodySchema } from '@kiln/shared/schemas/api';
import { imagesAnswerSchema } from '@kiln/shared/schemas/image-request';
import { jobSchema } from '@kiln/shared/schemas/job';
import { textSchema } from '@kiln/shared/schemas/text';
import { z } from 'zod';
import { eventStream } from '../answers/described-bytes.ts';

export const imageRouteSchema = {
  tags: ['images'],
  headers: creationHeadersSchema.extend({ prefer: z.string().optional() }),
  response: {
    200: {
      description: 'The pictures or, with `stream`, events until the pictures are there.',
      content: { 'application/json': { schema: imagesAnswerSchema }, ...eventStream },
    },
    202: jobSchema,
    '4xx': errorBodySchema,
    '5xx': errorBodySchema,
  },
};

/** Path parameters of the routes with a deployment, which Azure's clients use. */
export const deploymentParams = z.object({ deployment: textSchema(1, 128) });

/** Maps the `model` of the body to the model of the job. */
export type ResolveModel = (asked: string | undefined) => string | undefined;
