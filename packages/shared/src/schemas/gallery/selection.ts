/** Selections: images that were chosen by a filter, or one by one, for an hour. */
import { z } from 'zod';
import { imageFilterSchema } from './image-filter.ts';
import { imageIdSchema } from './image-id.ts';

/** A body has at most 10,000 fields and items (`bounded-json.ts`). */
export const maxSelectedIds = 9_000;

const ids = z.array(imageIdSchema).max(maxSelectedIds);

export const newSelectionSchema = z
  .strictObject({
    filter: imageFilterSchema.optional(),
    except: ids.optional().meta({ description: 'Images that match and are left out.' }),
    images: ids.min(1).optional().meta({ description: 'The images, instead of a filter.' }),
  })
  .refine(({ filter, images }) => (filter === undefined) !== (images === undefined), {
    error: 'needs either `filter` or `images`',
  })
  .refine(({ except, images }) => except === undefined || images === undefined, {
    path: ['except'],
    error: 'goes with `filter` only',
  });

export const selectionSchema = z
  .object({
    id: z.string(),
    object: z.literal('selection'),
    count: z.int().meta({ description: 'The images that it stood for when it was made.' }),
    created_at: z.int().meta({ description: 'Unix seconds' }),
    expires_at: z.int().meta({ description: 'Unix seconds' }),
  })
  .meta({ id: 'Selection' });

export type NewSelection = z.infer<typeof newSelectionSchema>;
export type Selection = z.infer<typeof selectionSchema>;
