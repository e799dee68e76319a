/** Draws thumbnails as Kiln makes them, different ones, for the studio and its baseline. */
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';

export interface ExampleThumbnail {
  bytes: Buffer;
  thumbhash: string;
}

const kinds = 64;
const edge = 320;

export function drawThumbnails(): Promise<ExampleThumbnail[]> {
  return Promise.all(Array.from({ length: kinds }, (_, kind) => draw(kind)));
}

/** A thumbnail of the usual size, with as many details as a photograph. */
async function draw(kind: number): Promise<ExampleThumbnail> {
  const pixels = Buffer.alloc(edge * edge * 3);
  for (let index = 0; index < pixels.length; index += 1) {
    const at = Math.floor(index / 3);
    const wave = Math.sin((at % edge) / (7 + kind)) + Math.cos(at / edge / (9 + (index % 3)));
    pixels[index] = 128 + 50 * wave + ((index * 2_654_435_761 + kind * 97) % 24);
  }
  const picture = sharp(pixels, { raw: { width: edge, height: edge, channels: 3 } });
  const small = await picture.clone().resize(48, 48).ensureAlpha().raw().toBuffer();
  return {
    bytes: await picture.webp({ quality: 80 }).toBuffer(),
    thumbhash: Buffer.from(rgbaToThumbHash(48, 48, small)).toString('base64'),
  };
}
