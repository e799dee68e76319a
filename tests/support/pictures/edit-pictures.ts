/** Small pictures that tests send, distinguishable by their colour. */
import sharp from 'sharp';

export interface Shape {
  width?: number;
  height?: number;
  colour?: string;
}

export function drawPicture(
  format: 'png' | 'jpeg' | 'webp',
  { width = 48, height = 32, colour = '#c02020' }: Shape = {},
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer();
}

/** A png with a transparent left half. */
export function drawMask({ width = 48, height = 32 }: Shape = {}): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 4, 255);
  for (let index = 0; index < width * height; index++)
    if (index % width < width / 2) pixels[index * 4 + 3] = 0;
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

export function toDataUrl(bytes: Buffer, type = 'image/png'): string {
  return `data:${type};base64,${bytes.toString('base64')}`;
}
