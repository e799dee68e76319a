/**
 * Turns a mask that was drawn on the stored pixels of a photograph, as the photograph is turned to
 * be shown. Runs only in the thread of `imaging-thread.ts`.
 */
import sharp from 'sharp';
import { decoding } from './check-picture.ts';
import { isDecoderTimeout } from './decoder-timeout.ts';

export type TurnedPicture =
  | { status: 'ok'; bytes: Uint8Array }
  | { status: 'refused'; code: 'image_check_failed'; message: string };

/** The turns of the EXIF orientations that exchange width and height. */
const turns: Readonly<Record<number, { angle: number; isMirrored: boolean }>> = {
  5: { angle: 90, isMirrored: true },
  6: { angle: 90, isMirrored: false },
  7: { angle: 270, isMirrored: true },
  8: { angle: 270, isMirrored: false },
};

/** @param orientation the EXIF orientation of the photograph */
export async function turnPicture(
  bytes: Buffer,
  timeoutSeconds: number,
  orientation: number,
): Promise<TurnedPicture> {
  const { angle, isMirrored } = turns[orientation] ?? { angle: 0, isMirrored: false };
  try {
    const turned = await sharp(bytes, { ...decoding, sequentialRead: false, autoOrient: true })
      .flip(isMirrored)
      .rotate(angle)
      .png({ compressionLevel: 9 })
      .timeout({ seconds: timeoutSeconds })
      .toBuffer();
    return { status: 'ok', bytes: turned };
  } catch (error) {
    if (isDecoderTimeout(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'refused', code: 'image_check_failed', message };
  }
}
