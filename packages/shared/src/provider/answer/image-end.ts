/**
 * Checks whether the bytes of an image reach the end that its format writes. Walks each format
 * block by block without decoding pixels: checking the last bytes alone would reject images with
 * padding after their end, which would then be paid again.
 */
import { inspectSvg } from './inspect-svg.ts';
import type { OutputFormat } from '../../models/model-table.ts';

/** The bytes must begin as `format` does. */
export function isComplete(format: OutputFormat, bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'png':
      return endsAsPng(view);
    case 'jpeg':
      return endsAsJpeg(view);
    case 'webp':
      // RIFF stores the size of the rest at byte 4.
      return view.length >= 12 && view.readUInt32LE(4) + 8 <= view.length;
    case 'gif':
      return endsAsGif(view);
    case 'svg':
      return inspectSvg(bytes).status === 'ok';
  }
}

/** Walks chunks of length, type, data and checksum (PNG 5.3) up to IEND. */
function endsAsPng(bytes: Buffer): boolean {
  let offset = 8;
  while (offset + 12 <= bytes.length) {
    const end = offset + 12 + bytes.readUInt32BE(offset);
    if (bytes.toString('latin1', offset + 4, offset + 8) === 'IEND') return end <= bytes.length;
    offset = end;
  }
  return false;
}

/**
 * Walks segments (ITU-T T.81, B.1.1) up to EOI, by their lengths, because a thumbnail inside a
 * segment has an EOI of its own.
 */
function endsAsJpeg(bytes: Buffer): boolean {
  let offset = 2;
  while (offset + 2 <= bytes.length) {
    const start = bytes.indexOf(0xff, offset);
    const marker = start === -1 ? undefined : bytes[start + 1];
    if (start === -1 || marker === undefined) return false;
    if (marker === 0xd9) return true;
    if (marker === 0xff) offset = start + 1;
    // A stuffed 0xff of the image data, TEM, or a restart marker has no length.
    else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7)) offset = start + 2;
    else if (start + 4 <= bytes.length) offset = start + 2 + bytes.readUInt16BE(start + 2);
    else return false;
  }
  return false;
}

/** Walks blocks (GIF89a, appendix A) up to the trailer. */
function endsAsGif(bytes: Buffer): boolean {
  let offset = 13 + colourTableBytes(bytes[10]);
  for (;;) {
    const introducer = bytes[offset];
    if (introducer === 0x3b) return true;
    // An extension has introducer, label and sub-blocks; an image has descriptor, colour table,
    // code size and sub-blocks.
    if (introducer === 0x21) offset += 2;
    else if (introducer === 0x2c) offset += 11 + colourTableBytes(bytes[offset + 9]);
    else return false;
    for (let length = bytes[offset]; length !== 0; length = bytes[offset]) {
      if (length === undefined) return false;
      offset += 1 + length;
    }
    offset += 1;
  }
}

/** Three bytes for each of 2^(size + 1) colours, if the top bit of the flags announces a table. */
function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0;
}
