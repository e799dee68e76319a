/**
 * What the walks over the formats come to: the outline of a picture, or why it is none that is
 * taken.
 */
import { count, refuse, type PictureRefusalCode, type Refusal } from '../models/picture-rules.ts';
import { describeKind, findMarkup } from './foreign-data.ts';
import type { PictureFormat } from '../domain/picture-formats.ts';

export interface Outline {
  status: 'ok';
  /** As it is stored, before any orientation. */
  width: number;
  height: number;
  hasAlpha: boolean;
  /** No decoder can read it line by line. */
  isHeldWhole: boolean;
}

export type PictureRefusal = Refusal<PictureRefusalCode>;

/** By its first bytes, whatever its name and its declared type say. */
export function unsupported(start: Buffer): PictureRefusal {
  return refuse(
    'image_format_unsupported',
    `is ${describeKind(start)} by its first bytes; png, jpeg and webp are taken`,
  );
}

/** For all formats: it ends before its end. */
export function cutOff(format: PictureFormat): PictureRefusal {
  return refuse('image_damaged', `is a ${format} that is cut off; a whole one is taken`);
}

export function damaged(format: PictureFormat, what: string): PictureRefusal {
  return refuse('image_damaged', `is a damaged ${format}: ${what}`);
}

export function animated(format: string): PictureRefusal {
  return refuse('image_animated', `is an animated ${format}; one that stands still is taken`);
}

/** Something behind the end of the picture. @param kind what it is, where that is known already */
export function followed(
  format: PictureFormat,
  bytes: Buffer,
  end: number,
  kind: string | null = null,
): PictureRefusal {
  const rest = bytes.subarray(end);
  return refuse(
    'image_with_foreign_data',
    `has ${count(rest.length)} bytes behind the end of the ${format} (${kind ?? describeKind(rest)}); a picture is taken that is nothing else, which the first ${count(end)} bytes of this one are`,
  );
}

/** Of a part that is not the picture itself; null where there is nothing wrong with it. */
export function checkMetadata(
  format: PictureFormat,
  part: string,
  data: Buffer,
): PictureRefusal | null {
  const markup = findMarkup(data);
  if (markup === null) return null;
  return refuse(
    'image_with_foreign_data',
    `is a ${format} with markup in its ${part} (${markup}); a picture is taken that is nothing else`,
  );
}
