/**
 * A bulk action in requests and responses: one change of many images, which a worker makes in
 * chunks. A request names its images either by a selection or one by one.
 */
import { z } from 'zod';
import { bulkActionStatuses } from '../../domain/gallery/bulk-action-state.ts';
import { textSchema } from '../text.ts';
import { imageIdSchema } from './image-id.ts';

export const bulkActionKinds = [
  'rate',
  'star',
  'add_to_album',
  'remove_from_album',
  'trash',
  'restore',
  'again',
] as const;

export type BulkActionKind = (typeof bulkActionKinds)[number];

/** JSON of a request has at most 10,000 members. */
const mostImages = 9_000;

const paramsSchema = z.strictObject({
  rating: z
    .int()
    .min(1)
    .max(5)
    .nullable()
    .optional()
    .meta({ description: 'For `rate`. Null removes the rating.' }),
  starred: z.boolean().optional().meta({ description: 'For `star`.' }),
  album_id: textSchema(1, 100)
    .optional()
    .meta({ description: 'For `add_to_album` and `remove_from_album`.' }),
  max_cost: z.number().min(0).max(1_000_000).optional().meta({
    description:
      'For `again`. US dollars: nothing is made when the new batch is estimated to cost more.',
  }),
});

/** Parameters as they are stored and shown. */
const shownParamsSchema = paramsSchema.extend({
  undo_of: z
    .string()
    .optional()
    .meta({ description: 'The action `trash` whose images this action restores.' }),
});

export type BulkActionParams = z.infer<typeof shownParamsSchema>;

/** The parameter that an action takes. It is needed unless it `isOptional`. */
const parametersOf: Record<
  BulkActionKind,
  { name: keyof z.infer<typeof paramsSchema>; isOptional?: true } | null
> = {
  rate: { name: 'rating' },
  star: { name: 'starred' },
  add_to_album: { name: 'album_id' },
  remove_from_album: { name: 'album_id' },
  trash: null,
  restore: null,
  again: { name: 'max_cost', isOptional: true },
};

export const bulkActionRequestSchema = z
  .strictObject({
    action: z.enum(bulkActionKinds).meta({
      description: '`again` makes a new batch with the requests that made the images.',
    }),
    selection_id: textSchema(1, 100)
      .optional()
      .meta({ description: 'From `POST /v1/selections`.' }),
    images: z
      .array(imageIdSchema)
      .min(1)
      .max(mostImages)
      .optional()
      .meta({ description: 'Ids of images, such as `job_…/0`, instead of a selection.' }),
    params: paramsSchema.default({}),
  })
  .superRefine(({ action, selection_id, images, params }, context) => {
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (selection_id === undefined && images === undefined)
      refuse(['selection_id'], 'is missing; name a selection, or the images in `images`');
    if (selection_id !== undefined && images !== undefined)
      refuse(['images'], 'cannot be combined with selection_id; send one of them');
    const parameter = parametersOf[action];
    if (parameter !== null && !parameter.isOptional && params[parameter.name] === undefined)
      refuse(['params', parameter.name], `is missing; the action "${action}" needs it`);
    for (const name of Object.keys(params))
      if (name !== parameter?.name)
        refuse(['params', name], `is not a parameter of the action "${action}"; leave it out`);
  })
  .meta({ id: 'BulkActionRequest' });

export type BulkActionRequest = z.infer<typeof bulkActionRequestSchema>;

const imageFailureSchema = z.object({
  id: z.string().meta({ description: 'The id of the image.' }),
  code: z.enum(['image_not_found', 'image_in_trash']),
  message: z.string(),
});

export type ImageFailure = z.infer<typeof imageFailureSchema>;

const errorSchema = z.object({ code: z.string(), message: z.string() });

export type BulkActionError = z.infer<typeof errorSchema>;

const resultSchema = z.object({
  batch_id: z.string().meta({ description: 'The batch that `again` has made.' }),
});

export type BulkActionResult = z.infer<typeof resultSchema>;

const seconds = z.int().meta({ description: 'Unix seconds' });

export const bulkActionSchema = z
  .object({
    id: z.string(),
    object: z.literal('bulk_action'),
    action: z.enum(bulkActionKinds),
    params: shownParamsSchema,
    selection_id: z.string().nullable(),
    status: z.enum(bulkActionStatuses),
    total: z.int().meta({
      description: 'How many images the action is for: those of the selection when it was made.',
    }),
    done: z.int().meta({ description: 'How many images were changed.' }),
    failed: z.int().meta({ description: 'How many images could not be changed.' }),
    failures: z.array(imageFailureSchema).meta({ description: 'The first hundred failures.' }),
    created_at: seconds,
    started_at: seconds.nullable(),
    finished_at: seconds.nullable(),
    error: errorSchema.nullable().meta({ description: 'Why the action failed.' }),
    result: resultSchema.nullable(),
  })
  .meta({ id: 'BulkAction' });

export type BulkAction = z.infer<typeof bulkActionSchema>;
