/**
 * Cuts a frame out of a picture, in the browser. The result is a png, jpeg or webp like its source
 * where the browser can write that, otherwise a png; a png loses nothing. It is turned as the EXIF
 * of its source says, and has no metadata itself.
 */
import type { Frame } from './frame.ts';

/** The quality of a jpeg or webp: a second compression cannot be seen. */
const quality = 0.95;
const written: readonly string[] = ['image/png', 'image/jpeg', 'image/webp'];

/** A picture that is read, turned as its EXIF says. Close it in the end. */
export function readPicture(source: Blob): Promise<ImageBitmap> {
  return createImageBitmap(source, { imageOrientation: 'from-image' });
}

/**
 * @param type the media type of the source
 * @throws an error when the browser cannot hold or write a picture of this size
 */
export async function cutOut(picture: ImageBitmap, frame: Frame, type: string): Promise<Blob> {
  const { x, y, width, height } = frame;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no canvas');
  context.drawImage(picture, x, y, width, height, 0, 0, width, height);
  const { promise, resolve, reject } = Promise.withResolvers<Blob>();
  canvas.toBlob(
    (blob) => (blob === null ? reject(new Error('the browser wrote no picture')) : resolve(blob)),
    written.includes(type) ? type : 'image/png',
    quality,
  );
  return promise;
}
