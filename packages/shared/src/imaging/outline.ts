/** The result of walking a format: the outline of a picture, or the reason for refusing it. */
import { count, refuse, type PictureRefusalCode, type Refusal } from '../models/picture-rules.ts';
import { describeKind, findMarkup } from './foreign-data.ts';
import type { PictureFormat } from '../domain/picture-formats.ts';

export interface Outline {
  status: 'ok';
  /** Size as stored, before any orientation. */
  width: number;
  height: number;
  hasAlpha: boolean;
  /** The decoder must hold it in memory as a whole. */
  isHeldWhole: boolean;
}

export type PictureRefusal = Refusal<PictureRefusalCode>;

/** Refuses a format by its first bytes, whatever its name and declared type say. */
export function unsupported(start: Buffer): PictureRefusal {
  return refuse(
    'image_format_unsupported',
    `is ${describeKind(start)} by its first bytes; png, jpeg and webp are accepted`,
  );
}

/** Refuses a picture whose data ends too early. */
export function cutOff(format: PictureFormat): PictureRefusal {
  return refuse('image_damaged', `is a ${format} that is cut off; upload the complete file`);
}

export function damaged(format: PictureFormat, what: string): PictureRefusal {
  return refuse('image_damaged', `is a damaged ${format}: ${what}`);
}

export function animated(format: string): PictureRefusal {
  return refuse('image_animated', `is an animated ${format}; only still pictures are accepted`);
}

/**
 * Refuses a picture with data after its end.
 * @param kind what the data is, if the caller knows it
 */
export function followed(
  format: PictureFormat,
  bytes: Buffer,
  end: number,
  kind: string | null = null,
): PictureRefusal {
  const rest = bytes.subarray(end);
  return refuse(
    'image_with_foreign_data',
    `has ${count(rest.length)} bytes after the end of the ${format} ` +
      `(${kind ?? describeKind(rest)}); upload the picture alone, its first ${count(end)} bytes`,
  );
}

/** Checks a part other than the pixels; null: nothing is wrong. */
export function checkMetadata(
  format: PictureFormat,
  part: string,
  data: Buffer,
): PictureRefusal | null {
  const markup = findMarkup(data);
  if (markup === null) return null;
  return refuse(
    'image_with_foreign_data',
    `is a ${format} with markup in its ${part} (${markup}); remove the markup`,
  );
}
