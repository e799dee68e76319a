/**
 * What is known of a source picture or a mask once it was looked at: kept with its file, so that
 * its bytes are read once only.
 */
import { z } from 'zod';
import { pictureFormats } from '../domain/picture-formats.ts';

export const pictureSchema = z.object({
  format: z.enum(pictureFormats),
  width: z.int().meta({ description: 'As it is shown: after its EXIF orientation.' }),
  height: z.int(),
  has_alpha: z.boolean().meta({
    description: 'It has an alpha channel; a colour that stands for transparency is none.',
  }),
  is_opaque: z.boolean().meta({ description: 'No pixel of it is transparent, not even in part.' }),
});

export type Picture = z.infer<typeof pictureSchema>;
