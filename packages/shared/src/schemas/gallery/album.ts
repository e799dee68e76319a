/** Albums: images of a project under a name. */
import { z } from 'zod';
import { listSchema } from '../api.ts';
import { textSchema } from '../text.ts';
import { relatedImageSchema } from './image.ts';
import { imageIdSchema } from './image-id.ts';

export const albumSchema = z
  .object({
    id: z.string(),
    object: z.literal('album'),
    name: z.string(),
    cover: z.string().nullable().meta({
      description: 'The image that was chosen, or else the newest one; null: there is none.',
    }),
    cover_image: relatedImageSchema.nullable(),
    count: z.int().meta({ description: 'Its images, without those in the trash.' }),
    created_at: z.int().meta({ description: 'Unix seconds' }),
    updated_at: z.int().meta({ description: 'Unix seconds' }),
  })
  .meta({ id: 'Album' });

export const albumListSchema = listSchema(albumSchema);

export const deletedAlbumSchema = z.object({
  id: z.string(),
  object: z.literal('album'),
  deleted: z.literal(true),
});

const name = textSchema(1, 200).refine((text) => text.trim() !== '', { error: 'is empty' });

export const newAlbumSchema = z.strictObject({ name });

export const albumChangeSchema = z
  .strictObject({
    name: name.optional(),
    cover: imageIdSchema.nullable().optional().meta({
      description: 'An image of the album; null: its newest one.',
    }),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'has neither `name` nor `cover`' });

export const albumImagesSchema = z.strictObject({
  images: z.array(imageIdSchema).min(1).max(1_000),
});

export type Album = z.infer<typeof albumSchema>;
export type AlbumChange = z.infer<typeof albumChangeSchema>;
