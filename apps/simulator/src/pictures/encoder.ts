/** Encodes a composition in the requested format. */
import sharp, { type Sharp } from 'sharp';
import type { Uploads } from '../edits/upload.ts';
import { composePicture, type PictureRequest } from './composition.ts';
import { composeEdit } from './edit-scene.ts';

export const formats = ['png', 'jpeg', 'webp', 'gif', 'svg'] as const;
export type Format = (typeof formats)[number];

export interface EncodeRequest extends PictureRequest {
  format: Format;
  /** 0 to 100, the request's `output_compression`; jpeg and webp only. */
  compression: number;
  /** The frames of a gif; null for another format. */
  frames: { count: number; durationMs: number } | null;
  /** The pictures of an edit; null for a generation. */
  uploads: Uploads | null;
  /**
   * How many pixels along an edge are drawn as one: 1 is the picture itself; a partial image uses
   * more.
   */
  coarseness: number;
}

/** Renders an SVG document with one pixel per unit. */
const fullDensity = 72;

export async function renderPicture(request: EncodeRequest): Promise<Buffer> {
  const { compression, transparent, format, uploads, frames } = request;
  if (format === 'svg') return Buffer.from(await composeDocument(request));
  if (frames !== null) return drawFrames(request, frames);
  const image = await (uploads === null ? drawDocument(request) : drawEdit(request, uploads));
  const flat = transparent ? image : image.removeAlpha();
  switch (format) {
    case 'png':
      // On flat pictures level 3 is within a few per cent of level 9, in a third of the time.
      return flat.png({ compressionLevel: 3, adaptiveFiltering: false }).toBuffer();
    case 'jpeg':
      return flat.jpeg({ quality: Math.max(1, compression), mozjpeg: false }).toBuffer();
    case 'webp':
      return flat.webp({ quality: Math.max(1, compression), effort: 1 }).toBuffer();
    case 'gif':
      return flat.gif({ effort: 1, dither: 0 }).toBuffer();
  }
}

/** The document of an edit embeds the edited picture. */
async function composeDocument(request: EncodeRequest): Promise<string> {
  const { uploads, width, height } = request;
  if (uploads === null) return composePicture(request);
  const edited = await composeEdit(request, uploads);
  const small = await sharp(edited)
    .resize(Math.ceil(width / 4), Math.ceil(height / 4), { fit: 'fill' })
    .jpeg()
    .toBuffer();
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}"><image width="${width}" height="${height}" ` +
    `href="data:image/jpeg;base64,${small.toString('base64')}"/></svg>`
  );
}

/** The picture becomes lighter from frame to frame. */
async function drawFrames(
  request: EncodeRequest,
  { count, durationMs }: { count: number; durationMs: number },
): Promise<Buffer> {
  const { uploads } = request;
  const image = await (uploads === null ? drawDocument(request) : drawEdit(request, uploads));
  const base = await image.png({ compressionLevel: 1 }).toBuffer();
  const frames = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      sharp(base)
        .modulate({ brightness: 1 + index / count })
        .png({ compressionLevel: 1 })
        .toBuffer(),
    ),
  );
  // The provider rounds delays to 10 ms.
  const delay = Math.max(10, Math.round(durationMs / 10) * 10);
  return sharp(frames, { join: { animated: true } })
    .gif({ effort: 1, dither: 0, delay: frames.map(() => delay), loop: 0 })
    .toBuffer();
}

async function drawDocument(request: EncodeRequest): Promise<Sharp> {
  const { coarseness, width, height } = request;
  const svg = Buffer.from(composePicture(request));
  if (coarseness === 1) return sharp(svg, { density: fullDensity });
  // Use two steps: in one, sharp would render the document at the final size.
  const small = await sharp(svg, { density: fullDensity / coarseness })
    .png()
    .toBuffer();
  return sharp(small).resize(width, height, { fit: 'fill', kernel: 'nearest' });
}

async function drawEdit(request: EncodeRequest, uploads: Uploads): Promise<Sharp> {
  const { coarseness, width, height } = request;
  const whole = sharp(await composeEdit(request, uploads));
  if (coarseness === 1) return whole;
  const small = await whole
    .resize(Math.ceil(width / coarseness), Math.ceil(height / coarseness), { fit: 'fill' })
    .png()
    .toBuffer();
  return sharp(small).resize(width, height, { fit: 'fill', kernel: 'nearest' });
}
