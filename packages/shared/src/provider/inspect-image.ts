/** Looks at the bytes of an answer: which format they are, how large the picture is, and that they are complete. */
import sharp, { type Metadata } from 'sharp';
import { outputFormats } from '../schemas/job-request.ts';
import type { OutputFormat } from '../domain/model-table.ts';

export type InspectedImage =
  | { status: 'ok'; format: OutputFormat; width: number; height: number }
  | { status: 'unusable'; reason: string };

// Every picture is looked at once: a cache would only hold memory.
sharp.cache(false);

/** Format and size of a picture, and that its bytes are complete. Never throws on bad bytes. */
export async function inspectImage(bytes: Uint8Array): Promise<InspectedImage> {
  let metadata: Metadata;
  try {
    metadata = await sharp(bytes).metadata();
  } catch {
    return { status: 'unusable', reason: 'the bytes are not a picture' };
  }
  const format = outputFormats.find((known) => known === metadata.format);
  if (format === undefined) return { status: 'unusable', reason: `the format ${metadata.format} is none that was asked for` };
  if (!isComplete(format, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    return { status: 'unusable', reason: `the ${format} is cut off` };
  }
  return { status: 'ok', format, width: metadata.width, height: metadata.height };
}

/** The end each format writes last. A header is read without the pixels, so this is what tells a cut answer. */
function isComplete(format: OutputFormat, bytes: Buffer): boolean {
  switch (format) {
    case 'png':
      return bytes.subarray(-12, -4).equals(Buffer.from('\0\0\0\0IEND', 'latin1'));
    case 'jpeg':
      return bytes.subarray(-2).equals(Buffer.from([0xff, 0xd9]));
    case 'webp':
      // RIFF pads its chunks to an even length.
      return bytes.readUInt32LE(4) + 8 <= bytes.length;
    case 'gif':
      return bytes.at(-1) === 0x3b;
    case 'svg':
      return /<\/svg>\s*$/.test(bytes.toString('utf8', Math.max(0, bytes.length - 64)));
  }
}

/** Strict (RFC 4648 section 4, padded, no white space); null for anything else, which Node would cut short silently. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length === 0 || text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  // Node stops at the first character that is no base64: the length tells, without a second copy of the text.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (bytes.length !== (text.length / 4) * 3 - padding) return null;
  return /[-_]/.test(text) ? null : bytes;
}
