/**
 * The outline of a picture, read before any decoder sees it: which format it is by its bytes, how
 * large it says it is, whether it moves, and whether its parts are whole and end where the file
 * does. The formats are walked part by part; nothing is decoded, and no more memory is taken than
 * for texts and profiles within their limit.
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
      `is a ${format} and ${document} as well; a picture is taken that is nothing else`,
    );
  return { ...outline, format };
}
