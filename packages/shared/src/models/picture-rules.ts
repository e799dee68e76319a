/**
 * Rules for pictures that are sent to a provider: what the providers require, and how much Kiln
 * decodes to be sure.
 */
import type { Picture } from '../schemas/picture.ts';
import { pictureFormats } from '../domain/picture-formats.ts';

export const pictureLimits = {
  longestEdge: 16_384,
  /** Enough for the largest photographs of telephones. */
  pixels: 50_000_000,
  /**
   * The limit for pictures that no decoder can read line by line (interlaced png, progressive jpeg,
   * webp). The decoder holds them whole, with up to 8 bytes per pixel.
   */
  heldPixels: 25_000_000,
  /** The most bytes that all compressed texts and profiles of a png may unpack to. */
  inflatedBytes: 16 * 1024 * 1024,
  /**
   * The most scans of a progressive jpeg. Each costs a pass over the whole picture; encoders write
   * about ten.
   */
  jpegScans: 100,
} as const;

/** Whether a result gets a thumbnail. An svg has no size of its own, and a gif may move. */
export function hasThumbnail(format: string): boolean {
  return pictureFormats.some((known) => known === format);
}

/** A mask must have fewer bytes than this. */
export const maxMaskBytes = 4 * 1024 * 1024;

/** Why a picture is refused. Each is an error code of the API. */
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
 * The message says what was found and what is allowed. It does not begin with the name of the
 * field.
 */
export interface Refusal<Code = PictureRefusalCode | MaskRefusalCode> {
  status: 'refused';
  code: Code;
  message: string;
}

export function refuse<Code>(code: Code, message: string): Refusal<Code> {
  return { status: 'refused', code, message };
}

/** A size as displayed, and how the picture is turned for that. */
type ShownSize = Pick<Picture, 'width' | 'height' | 'orientation'>;

/**
 * Whether a mask has the size in which the first image is stored, and not that in which it is
 * displayed. Programs that ignore the EXIF orientation draw such masks; they have to be turned like
 * the image before they are sent.
 */
export function isOfStoredSize(
  mask: { width: number; height: number },
  { width, height, orientation = 1 }: ShownSize,
): boolean {
  const isTurned = orientation >= 5;
  return isTurned && width !== height && mask.width === height && mask.height === width;
}

/**
 * Finds the reason why a picture cannot be the mask of an edit; null when it can.
 * @param first the first image of the edit
 */
export function findMaskProblem(
  mask: Pick<Picture, 'format' | 'width' | 'height' | 'has_alpha' | 'is_opaque'> & {
    bytes: number;
  },
  first: ShownSize,
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
      'is a png without an alpha channel; a mask has one, and is transparent where the edit ' +
        'may change the picture',
    );
  const isOfShownSize = mask.width === first.width && mask.height === first.height;
  if (!isOfShownSize && !isOfStoredSize(mask, first)) {
    const stored =
      (first.orientation ?? 1) >= 5
        ? `, or as stored, which is ${first.height} × ${first.width}`
        : '';
    return refuse(
      'mask_size_mismatch',
      `is ${mask.width} × ${mask.height}; a mask has the size of the first image as ` +
        `displayed, which is ${first.width} × ${first.height}${stored}`,
    );
  }
  if (mask.is_opaque)
    return refuse(
      'mask_opaque',
      'is opaque everywhere; a mask is transparent where the edit may change the picture',
    );
  return null;
}

/** Formats a number with thousands separators. */
export function count(number: number): string {
  return number.toLocaleString('en');
}
