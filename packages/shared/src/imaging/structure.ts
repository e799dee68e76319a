/**
 * Reads the outline of a picture before any decoder does: its format by its bytes, its declared
 * size, whether it is animated, and whether its parts are complete and end with the file. Walks
 * each format part by part without decoding; takes no more memory than its texts and profiles are
 * allowed to have.
 */
import { pictureFormatOf } from '../domain/file-rules.ts';
import { refuse } from '../models/picture-rules.ts';
import { findDocument } from './foreign-data.ts';
import { unsupported, type Outline, type PictureRefusal } from './outline.ts';
import { walkJpeg } from './walk-jpeg.ts';
import { walkPng } from './walk-png.ts';
import { walkWebp } from './walk-webp.ts';
import type { PictureFormat } from '../domain/picture-formats.ts';

const walkers: Readonly<Record<PictureFormat, (bytes: Buffer) => Outline | PictureRefusal>> = {
  png: walkPng,
  jpeg: walkJpeg,
  webp: walkWebp,
};

export function readStructure(
  bytes: Buffer,
): (Outline & { format: PictureFormat }) | PictureRefusal {
  const format = pictureFormatOf(bytes);
  if (format === null) return unsupported(bytes);
  const outline = walkers[format](bytes);
  if (outline.status === 'refused') return outline;
  const document = findDocument(bytes);
  if (document !== null)
    return refuse(
      'image_with_foreign_data',
      `is both a ${format} and ${document}; upload the picture alone`,
    );
  return { ...outline, format };
}
