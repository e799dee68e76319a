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

/**
 * Strict decoding (RFC 4648 section 4, padded, no white space). Returns null for anything else,
 * which Node would silently truncate.
 */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length === 0 || text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  // Node stops at the first character that is not base64; the length reveals it without a second
  // copy.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (bytes.length !== (text.length / 4) * 3 - padding) return null;
  return /[-_]/.test(text) ? null : bytes;
}
