/**
 * Shapes that every route shares: the error body, the page of a list, the headers of a submission.
 */
import { z } from 'zod';
import { textSchema } from './text.ts';

export const errorBodySchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .meta({ id: 'Error' });

/** A page of a list. The newest item is first unless the route says otherwise. */
export function listSchema<T extends z.ZodType>(item: T) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
}

/**
 * A whole number in a path, a query or a form, where everything is text: digits only, so that
 * `0x10`, `1e1`, ` 7` and an empty text are refused.
 */
export function numberText(min: number, max: number) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^-?\d{1,16}$/.test(text) ? Number(text) : text),
    z.int().min(min).max(max),
  );
}

export const pageQuerySchema = z.strictObject({
  limit: numberText(1, 100).default(20),
  after: textSchema(1, 128).optional().meta({ description: 'The `last_id` of the previous page.' }),
});

/** Headers of every POST that creates something. */
export const creationHeadersSchema = z.looseObject({
  'idempotency-key': textSchema(1, 255).optional(),
});
