/**
 * Makes the ThumbHash of a picture: about 25 bytes that a page shows, blurred, before the picture
 * arrives. Runs only in the thread of `imaging-thread.ts`.
 */
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { decoding } from './check-picture.ts';
import { isDecoderTimeout } from './decoder-timeout.ts';

/** Longest edge of what is hashed. A hash has at most 7 waves along an edge. */
const edge = 64;

/** Base64; null: the picture cannot be decoded. */
export async function makeThumbhash(bytes: Buffer, timeoutSeconds: number): Promise<string | null> {
  try {
    // A jpeg or webp is decoded at a fraction of its size.
    const { data, info } = await sharp(bytes, { ...decoding, autoOrient: true })
      .resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true });
    return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
  } catch (error) {
    if (isDecoderTimeout(error)) throw error;
    // The caller records that there is none; the picture is kept whatever it holds.
    return null;
  }
}
