/** Inspects an image of an answer: its format, its size, and whether its bytes are complete. */
import sharp, { type Metadata } from 'sharp';
import type { OutputFormat } from '../../models/model-table.ts';
import { outputFormats } from '../../schemas/field-values.ts';
import { isComplete } from './image-end.ts';
import { inspectSvg } from './inspect-svg.ts';

export type InspectedImage =
  | { status: 'ok'; format: OutputFormat; width: number; height: number }
  | { status: 'unusable'; reason: string };

// Every image is inspected once, so a cache would only take memory.
sharp.cache(false);

/** Returns format and size of a complete image. Never throws on bad bytes. */
export async function inspectImage(bytes: Uint8Array): Promise<InspectedImage> {
  const document = inspectSvg(bytes);
  if (document.status === 'cut') return { status: 'unusable', reason: 'the svg is cut off' };
  if (document.status === 'ok') return { ...document, format: 'svg' };
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes).metadata();
  } catch {
    return { status: 'unusable', reason: 'the bytes are not a picture' };
  }
  const format = outputFormats.find((known) => known === metadata.format);
  if (format === undefined)
    return {
      status: 'unusable',
      reason: `the image is ${metadata.format}, a format that no request asks for`,
    };
  if (!isComplete(format, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    return { status: 'unusable', reason: `the ${format} is cut off` };
  }
  return { status: 'ok', format, width: metadata.width, height: metadata.height };
}
