/**
 * Checks a picture completely: first its structure, then every pixel. Runs only in the thread of
 * `imaging-thread.ts`.
 */
import sharp, { type Metadata } from 'sharp';
import { count, pictureLimits, refuse } from '../models/picture-rules.ts';
import type { Picture } from '../schemas/picture.ts';
import { isDecoderTimeout } from './decoder-timeout.ts';
import { damaged, type Outline, type PictureRefusal } from './outline.ts';
import { readStructure } from './structure.ts';

export type PictureCheck = { status: 'ok'; picture: Picture } | PictureRefusal;

/**
 * Decodes line by line on one core. Colours do not matter here, so the colour profile of an
 * untrusted picture is not applied.
 */
export const decoding = {
  sequentialRead: true,
  ignoreIcc: true,
  failOn: 'error',
  limitInputPixels: pictureLimits.pixels,
} as const;

const opaque = 0xff;

export async function checkPicture(bytes: Buffer, timeoutSeconds: number): Promise<PictureCheck> {
  const structure = readStructure(bytes);
  if (structure.status === 'refused') return structure;
  const { format } = structure;
  const tooLarge = findTooLarge(structure);
  if (tooLarge !== null) return tooLarge;

  let metadata: Metadata;
  let plane: Buffer;
  try {
    metadata = await sharp(bytes, decoding).metadata();
    if (metadata.width !== structure.width || metadata.height !== structure.height)
      return damaged(format, 'decoders do not agree on its size');
    plane = await decode(bytes, structure.hasAlpha ? 'alpha' : 0, timeoutSeconds);
  } catch (error) {
    if (isDecoderTimeout(error)) throw error;
    return damaged(format, sentenceOf(error));
  }
  const { orientation = 1, autoOrient } = metadata;
  const { width, height } = autoOrient;
  return {
    status: 'ok',
    picture: {
      format,
      width,
      height,
      ...(orientation > 1 && orientation <= 8 && { orientation }),
      has_alpha: structure.hasAlpha,
      is_opaque: structure.hasAlpha ? isOpaque(plane) : true,
    },
  };
}

function isOpaque(plane: Buffer): boolean {
  for (const alpha of plane) if (alpha !== opaque) return false;
  return true;
}

/**
 * Decodes one plane, which takes every pixel of the picture. Truncated data is only a warning to
 * the decoder, so warnings count as failures.
 */
async function decode(
  bytes: Buffer,
  channel: 'alpha' | 0,
  timeoutSeconds: number,
): Promise<Buffer> {
  const plane = (failOn: 'warning' | 'error') =>
    sharp(bytes, { ...decoding, failOn })
      .extractChannel(channel)
      .raw()
      .timeout({ seconds: timeoutSeconds })
      .toBuffer();
  try {
    return await plane('warning');
  } catch (error) {
    if (!isHarmless(error)) throw error;
    return plane('error');
  }
}

/** A warning that many cameras cause and every reader ignores. */
function isHarmless(error: unknown): boolean {
  return (
    error instanceof Error && error.message.includes('Invalid SOS parameters for sequential JPEG')
  );
}

function findTooLarge({ width, height, isHeldWhole }: Outline): PictureRefusal | null {
  const { longestEdge, pixels, heldPixels } = pictureLimits;
  const found = `is ${count(width)} × ${count(height)}`;
  if (width === 0 || height === 0) return refuse('image_damaged', `${found}: it has no pixels`);
  if (Math.max(width, height) > longestEdge)
    return refuse('image_too_large', `${found}; an edge has at most ${count(longestEdge)} pixels`);
  if (width * height > pixels)
    return refuse(
      'image_too_large',
      `${found}, which is ${count(width * height)} pixels; at most ${count(pixels)} are allowed`,
    );
  if (isHeldWhole && width * height > heldPixels)
    return refuse(
      'image_too_large',
      `${found}, which is ${count(width * height)} pixels; interlaced png, progressive jpeg ` +
        `and webp have at most ${count(heldPixels)}`,
    );
  return null;
}

/** The decoder's message on one line, without the names of its internal parts. */
function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.trim().split('\n');
  return (
    line.replace(/^(Input (buffer|file) has corrupt header: )?(\w+: )*/, '').slice(0, 200) ||
    'it cannot be decoded'
  );
}
