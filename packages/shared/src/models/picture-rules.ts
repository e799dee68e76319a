/**
 * What pictures that go to a provider must be like: what the providers say of them, and how much of
 * one is decoded here to be sure.
 */
import type { Picture } from '../schemas/picture.ts';
import { pictureFormats } from '../domain/picture-formats.ts';

export const pictureLimits = {
  longestEdge: 16_384,
  /** The largest photographs of telephones have them. */
  pixels: 50_000_000,
  /**
   * Of one that no decoder can read line by line (interlaced png, progressive jpeg, webp): it is
   * held whole, with up to 8 bytes a pixel.
   */
  heldPixels: 25_000_000,
  /** What the compressed texts and profiles of a png come to, all together. */
  inflatedBytes: 16 * 1024 * 1024,
  /** Of a progressive jpeg; each is a round over the whole picture. Encoders write about ten. */
  jpegScans: 100,
} as const;

/** Of results: the others are drawn to any size, or move. */
export function hasThumbnail(format: string): boolean {
  return pictureFormats.some((known) => known === format);
}

/** A mask is smaller than this. */
export const maxMaskBytes = 4 * 1024 * 1024;

/** Why a picture is not taken; each is a code of the API's errors. */
export type PictureRefusalCode =
  | 'image_format_unsupported'
  | 'image_animated'
  | 'image_damaged'
  | 'image_too_large'
  | 'image_with_foreign_data'
  | 'image_metadata_too_large'
  | 'image_check_failed';

export type MaskRefusalCode =
  | 'mask_format_unsupported'
  | 'mask_too_large'
  | 'mask_without_alpha'
  | 'mask_opaque'
  | 'mask_size_mismatch';

/**
 * The message says what was found and what is allowed, without the name of the field in front of
 * it.
 */
export interface Refusal<Code = PictureRefusalCode | MaskRefusalCode> {
  status: 'refused';
  code: Code;
  message: string;
}

export function refuse<Code>(code: Code, message: string): Refusal<Code> {
  return { status: 'refused', code, message };
}

/**
 * Whether a picture may be the mask of an edit; null: it may.
 * @param first the first picture of the edit, as it is shown
 */
export function findMaskProblem(
  mask: Pick<Picture, 'format' | 'width' | 'height' | 'has_alpha' | 'is_opaque'> & {
    bytes: number;
  },
  first: { width: number; height: number },
): Refusal<MaskRefusalCode> | null {
  if (mask.format !== 'png')
    return refuse(
      'mask_format_unsupported',
      `is a ${mask.format}; a mask is a png with an alpha channel`,
    );
  if (mask.bytes >= maxMaskBytes)
    return refuse(
      'mask_too_large',
      `has ${count(mask.bytes)} bytes; a mask has fewer than ${count(maxMaskBytes)}`,
    );
  if (!mask.has_alpha)
    return refuse(
      'mask_without_alpha',
      'is a png without an alpha channel; a mask has one, and is transparent where the picture is to be changed',
    );
  if (mask.width !== first.width || mask.height !== first.height)
    return refuse(
      'mask_size_mismatch',
      `is ${mask.width} × ${mask.height}; a mask has the size of the first image as it is shown, which is ${first.width} × ${first.height}`,
    );
  if (mask.is_opaque)
    return refuse(
      'mask_opaque',
      'is opaque everywhere; a mask is transparent where the picture is to be changed',
    );
  return null;
}

/** A number as people read it. */
export function count(number: number): string {
  return number.toLocaleString('en');
}
