/**
 * What Kiln found when it decoded a source picture or a mask. It is stored with the file, so that
 * the bytes are decoded only once.
 */
import { z } from 'zod';
import { pictureFormats } from '../domain/picture-formats.ts';

export const pictureSchema = z.object({
  format: z.enum(pictureFormats),
  width: z.int().meta({ description: 'Pixels as displayed, after the EXIF orientation.' }),
  height: z.int(),
  orientation: z.int().min(2).max(8).optional().meta({
    description: 'The EXIF orientation of a picture that is stored turned or mirrored.',
  }),
  has_alpha: z.boolean().meta({
    description:
      'Whether it has an alpha channel. A palette colour that stands for transparency is not one.',
  }),
  is_opaque: z.boolean().meta({ description: 'Whether every pixel is fully opaque.' }),
});

export type Picture = z.infer<typeof pictureSchema>;
