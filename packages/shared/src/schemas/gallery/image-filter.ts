/**
 * What the wall of the gallery filters images by. The same names are fields of a query, where every
 * value is text, and of the filter of a selection.
 */
import { z } from 'zod';
import { numberText } from '../api.ts';
import { metadataSchema } from '../metadata.ts';
import { textSchema } from '../text.ts';
import { imageIdSchema } from './image-id.ts';

const flag = z.preprocess(
  (text) =>
    text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text,
  z.boolean(),
);
const edge = numberText(1, 100_000);
const stars = numberText(1, 5);
const seconds = numberText(0, 9_999_999_999).meta({
  description: 'Unix seconds: when the job was submitted.',
});

const fields = {
  batch_id: textSchema(1, 100),
  job_id: textSchema(1, 100),
  model: textSchema(1, 128),
  q: textSchema(1, 200).meta({ description: 'Text that the prompt contains.' }),
  custom_id: textSchema(1, 256),
  metadata: metadataSchema.meta({
    description: 'Pairs that the metadata of the job has: `metadata[order]=17`.',
  }),
  rating: stars.meta({ description: 'Exactly this rating, 1 to 5.' }),
  rating_min: stars.meta({ description: 'This rating or a better one.' }),
  unrated: flag.meta({ description: '`true`: without a rating.' }),
  starred: flag,
  album_id: textSchema(1, 100),
  no_album: flag.meta({ description: '`true`: in no album.' }),
  size: z
    .string()
    .regex(/^[1-9]\d{0,5}x[1-9]\d{0,5}$/, { error: 'is not a size such as `1024x1536`' })
    .meta({ description: 'Exactly this size, such as `1024x1536`.' }),
  min_width: edge,
  min_height: edge,
  max_width: edge,
  max_height: edge,
  created_after: seconds,
  created_before: seconds,
  edited: flag.meta({ description: '`true`: made by an edit. `false`: by a generation.' }),
  derived: flag.meta({ description: '`true`: made from a draft.' }),
  trashed: flag.meta({ description: '`true`: only what is in the trash, which is left out else.' }),
};

export const imageFilterSchema = z.strictObject(fields).partial();

export type ImageFilter = z.infer<typeof imageFilterSchema>;

export const imagePageQuerySchema = imageFilterSchema
  .extend({
    limit: numberText(1, 200).default(50),
    after: imageIdSchema.optional().meta({ description: 'The `last_id` of the previous page.' }),
    before: imageIdSchema.optional().meta({
      description:
        'The `first_id` of the page behind this one: the images in front of it, in the same ' +
        'order. Not together with `after` or `offset`.',
    }),
    newest: imageIdSchema.optional().meta({
      description:
        'Leave out what is newer than this image, so that offsets and counts stay while others ' +
        'arrive.',
    }),
    offset: numberText(0, 1_000_000)
      .optional()
      .meta({ description: 'How many images to skip, after `newest` and `after`.' }),
  })
  .refine(
    ({ before, after, offset }) =>
      before === undefined || (after === undefined && offset === undefined),
    { path: ['before'], error: 'cannot stand beside `after` or `offset`' },
  );

export type ImagePageQuery = z.infer<typeof imagePageQuerySchema>;

export const imageCountQuerySchema = imageFilterSchema.extend({
  newest: imageIdSchema.optional(),
});
