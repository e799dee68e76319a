/** A small picture of a large one. Runs in the thread of `imaging-thread.ts` and nowhere else. */
import sharp from 'sharp';
import { decoding } from './check-picture.ts';

/** In pixels, of the longer edge. */
export const thumbnailEdge = 320;

export type Thumbnail =
  | { status: 'ok'; bytes: Uint8Array; width: number; height: number }
  /** It cannot be decoded, or is larger than anything that is. */
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
    return { status: 'ok', bytes: data, width: info.width, height: info.height };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'refused', code: 'image_damaged', message };
  }
}
