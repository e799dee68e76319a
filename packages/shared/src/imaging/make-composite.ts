/**
 * Lays the original back around what an edit changed. Runs only in the thread of
 * `imaging-thread.ts`.
 *
 * The composite has the size of the result. Outside the mask each pixel is the original's, which is
 * resized only where the sizes differ by a whole ratio; inside, the result fades in over a few
 * pixels. So the composite is a png: no other format keeps the pixels. Nothing is made where the
 * colours around the mask have drifted so far that the seam would show.
 */
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import {
  featherOf,
  findWholeRatio,
  maxColourDrift,
  maxCompositePixels,
  ringOf,
  skip,
  type CompositeSkip,
  type WholeRatio,
} from '../models/composite-rules.ts';
import { decoding } from './check-picture.ts';
import { measureDrift } from './colour-drift.ts';
import { isDecoderTimeout } from './decoder-timeout.ts';
import { mapDistances, unitsPerPixel } from './distance-map.ts';
import { turnPicture } from './turn-picture.ts';

export type Composite =
  | { status: 'made'; bytes: Uint8Array; width: number; height: number }
  | CompositeSkip;

export interface CompositeInput {
  result: Buffer;
  original: Buffer;
  mask: Buffer;
  /** The EXIF orientation by which the mask is turned first; 1: not at all. */
  maskOrientation: number;
}

interface Size {
  width: number;
  height: number;
}

export async function makeComposite(
  { result, original, mask, maskOrientation }: CompositeInput,
  timeoutSeconds: number,
): Promise<Composite> {
  try {
    const size = shownSize(await sharp(result, decoding).metadata());
    if (size.width * size.height > maxCompositePixels)
      return skip(
        'picture_unsupported',
        `the result has more than ${maxCompositePixels.toLocaleString('en')} pixels`,
      );
    const originalSize = shownSize(await sharp(original, decoding).metadata());
    const ratio = findWholeRatio(originalSize, size);
    if (ratio === null)
      return skip(
        'size_mismatch',
        `the result is ${size.width} × ${size.height} and the first image ` +
          `${originalSize.width} × ${originalSize.height}; one must be a whole multiple of the ` +
          'other',
      );
    const turned = await turn(mask, maskOrientation, timeoutSeconds);
    const isOutside = await readOutside(turned, originalSize, size, ratio, timeoutSeconds);
    const outside = isOutside.reduce((count, each) => count + each, 0);
    if (outside === 0)
      return skip('nothing_outside', 'the mask is transparent everywhere, so nothing is kept');
    if (outside === isOutside.length)
      return skip(
        'nothing_inside',
        'no pixel of the mask is fully transparent at the size of the result',
      );
    const kept = await readPixels(original, size, timeoutSeconds);
    const made = await readPixels(result, size, timeoutSeconds);
    const drift = measureDrift(kept, made, mapInside(isOutside, size), size.width, ringOf(size));
    if (drift !== null && drift > maxColourDrift)
      return skip(
        'colour_drift',
        `around the mask the colours of the result differ from the first image by a mean ΔE of ` +
          `${drift.toFixed(1)}; at most ${maxColourDrift} is allowed, because the seam would show`,
      );
    blend(kept, made, mapDistances(isOutside, size.width, size.height), featherOf(size));
    return {
      status: 'made',
      bytes: await encode(kept, size, timeoutSeconds),
      ...size,
    };
  } catch (error) {
    if (isDecoderTimeout(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return skip('composite_failed', `the pictures could not be composed: ${message}`);
  }
}

function shownSize({ autoOrient: { width, height } }: Metadata): Size {
  return { width, height };
}

async function turn(mask: Buffer, orientation: number, timeoutSeconds: number): Promise<Buffer> {
  if (orientation === 1) return mask;
  const turned = await turnPicture(mask, timeoutSeconds, orientation);
  if (turned.status === 'ok') return Buffer.from(turned.bytes);
  throw new Error(turned.message);
}

/**
 * One byte for each pixel of the result: 1 where the original is kept, because the mask is not
 * fully transparent in any pixel there.
 */
async function readOutside(
  mask: Buffer,
  from: Size,
  to: Size,
  { enlargedBy, reducedBy }: WholeRatio,
  timeoutSeconds: number,
): Promise<Uint8Array> {
  const { data: alpha, info } = await sharp(mask, { ...decoding, autoOrient: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .extractChannel('alpha')
    .raw()
    .timeout({ seconds: timeoutSeconds })
    .toBuffer({ resolveWithObject: true });
  if (info.width !== from.width || info.height !== from.height)
    throw new Error('the mask does not have the size of the first image');
  const isOutside = new Uint8Array(to.width * to.height);
  for (let y = 0; y < from.height * enlargedBy; y += 1)
    for (let x = 0; x < from.width * enlargedBy; x += 1) {
      const source = Math.floor(y / enlargedBy) * from.width + Math.floor(x / enlargedBy);
      if (alpha[source] === 0) continue;
      isOutside[Math.floor(y / reducedBy) * to.width + Math.floor(x / reducedBy)] = 1;
    }
  return isOutside;
}

/** How far each pixel is from the nearest pixel inside the mask. */
function mapInside(isOutside: Uint8Array, { width, height }: Size): Uint16Array {
  return mapDistances(
    isOutside.map((each) => 1 - each),
    width,
    height,
  );
}

/** RGBA of 8 bits in sRGB, as the picture is shown. A picture of this size is not resampled. */
async function readPixels(bytes: Buffer, size: Size, timeoutSeconds: number): Promise<Buffer> {
  const metadata = await sharp(bytes, decoding).metadata();
  const own = shownSize(metadata);
  const options: SharpOptions = {
    ...decoding,
    ignoreIcc: !hasOtherProfile(metadata),
    autoOrient: true,
  };
  const shown = sharp(bytes, options);
  const resized: Sharp =
    own.width === size.width && own.height === size.height
      ? shown
      : shown.resize({ ...size, fit: 'fill', kernel: 'lanczos3' });
  return resized
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .timeout({ seconds: timeoutSeconds })
    .toBuffer();
}

/**
 * Whether the picture has a colour profile that is not sRGB, such as that of a telephone's camera.
 * Its colours are converted then: the result has none, and is shown as sRGB.
 */
function hasOtherProfile({ icc }: Metadata): boolean {
  if (icc === undefined) return false;
  // The description is in ASCII or in UTF-16.
  return !icc.toString('latin1').replaceAll('\0', '').includes('sRGB');
}

/**
 * Writes the result into the original, in place.
 * @param kept RGBA of the original
 * @param made RGBA of the result
 * @param distances of each pixel from the nearest one outside the mask, in thirds of a pixel
 */
function blend(kept: Buffer, made: Buffer, distances: Uint16Array, feather: number): void {
  const whole = feather * unitsPerPixel;
  for (let pixel = 0; pixel < distances.length; pixel += 1) {
    const share = Math.min(1, (distances[pixel] ?? 0) / whole);
    if (share === 0) continue;
    const at = pixel * 4;
    if (share === 1) {
      for (let channel = at; channel < at + 4; channel += 1) kept[channel] = made[channel] ?? 0;
      continue;
    }
    const [keptAlpha, madeAlpha] = [kept[at + 3] ?? 0, made[at + 3] ?? 0];
    const alpha = keptAlpha * (1 - share) + madeAlpha * share;
    for (let channel = at; channel < at + 3; channel += 1) {
      const sum =
        (kept[channel] ?? 0) * keptAlpha * (1 - share) + (made[channel] ?? 0) * madeAlpha * share;
      kept[channel] = alpha === 0 ? 0 : Math.round(sum / alpha);
    }
    kept[at + 3] = Math.round(alpha);
  }
}

function encode(pixels: Buffer, size: Size, timeoutSeconds: number): Promise<Buffer> {
  let isOpaque = true;
  for (let at = 3; at < pixels.length && isOpaque; at += 4) isOpaque = pixels[at] === 255;
  const image = sharp(pixels, { raw: { ...size, channels: 4 } });
  return (isOpaque ? image.removeAlpha() : image)
    .png({ compressionLevel: 6 })
    .timeout({ seconds: timeoutSeconds })
    .toBuffer();
}
