/** Makes a thumbnail. Runs only in the thread of `imaging-thread.ts`. */
import sharp from 'sharp';
import { decoding } from './check-picture.ts';
import { isDecoderTimeout } from './decoder-timeout.ts';
import { makeThumbhash } from './make-thumbhash.ts';

/** Length of the longer edge in pixels. */
export const thumbnailEdge = 320;

export type Thumbnail =
  | {
      status: 'ok';
      bytes: Uint8Array;
      width: number;
      height: number;
      thumbhash: string | null;
    }
  /** The picture cannot be decoded or exceeds the size limits. */
  | { status: 'refused'; code: 'image_damaged' | 'image_check_failed'; message: string };

export async function makeThumbnail(bytes: Buffer, timeoutSeconds: number): Promise<Thumbnail> {
  try {
    const { data, info } = await sharp(bytes, { ...decoding, autoOrient: true })
      .resize({
        width: thumbnailEdge,
        height: thumbnailEdge,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .webp({ quality: 80 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const thumbhash = await makeThumbhash(data, timeoutSeconds);
    return { status: 'ok', bytes: data, width, height, thumbhash };
  } catch (error) {
    if (isDecoderTimeout(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'refused', code: 'image_damaged', message };
  }
}
