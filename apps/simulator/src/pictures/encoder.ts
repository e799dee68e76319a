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
  const { compression, transparent, format, uploads } = request;
  if (uploads === null && format === 'svg') return Buffer.from(composePicture(request));
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
    case 'svg':
      throw new Error('an edit has no SVG'); // the parameter checks refuse it
  }
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
