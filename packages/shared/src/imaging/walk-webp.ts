/**
 * Walks a webp chunk by chunk (RFC 9649): RIFF, its size, WEBP, and chunks of a name, a size and
 * data.
 */
import { isPadding } from './foreign-data.ts';
import {
  animated,
  checkMetadata,
  cutOff,
  damaged,
  followed,
  type Outline,
  type PictureRefusal,
} from './outline.ts';

export function walkWebp(bytes: Buffer): Outline | PictureRefusal {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) return cutOff('webp');
  const padded = end + (end % 2);
  if (!isPadding(bytes.subarray(padded))) return followed('webp', bytes, padded);

  let canvas: Outline | null = null;
  let picture: Outline | null = null;
  let hasAlpha = false;
  for (let offset = 12; offset + 8 <= end;) {
    const name = bytes.toString('latin1', offset, offset + 4);
    const size = bytes.readUInt32LE(offset + 4);
    const data = bytes.subarray(offset + 8, offset + 8 + size);
    if (offset + 8 + size > end) return cutOff('webp');
    offset += 8 + size + (size % 2);
    if (name === 'ANIM' || name === 'ANMF') return animated('webp');
    if (name === 'ALPH') hasAlpha = true;
    else if (name === 'VP8X' || name === 'VP8 ' || name === 'VP8L') {
      const read = readHeader(name, data);
      if (read === null) return damaged('webp', `its ${name.trim()} is too short`);
      if (name === 'VP8X') {
        if ((data.readUInt8(0) & 0x02) !== 0) return animated('webp');
        canvas = read;
      } else picture ??= read;
    } else {
      const refusal = checkMetadata('webp', /^\w{3,4}/.exec(name)?.[0] ?? 'chunk', data);
      if (refusal !== null) return refusal;
    }
  }
  if (picture === null) return damaged('webp', 'it has no picture');
  const size = canvas ?? picture;
  if (size.width !== picture.width || size.height !== picture.height)
    return damaged('webp', 'its picture has not the size that its header says');
  return { ...picture, hasAlpha: hasAlpha || picture.hasAlpha };
}

/** Returns null when the chunk is too short. */
function readHeader(name: 'VP8X' | 'VP8 ' | 'VP8L', data: Buffer): Outline | null {
  const outline = { status: 'ok', hasAlpha: false, isHeldWhole: true } as const;
  if (data.length < 10) return null;
  if (name === 'VP8X')
    return { ...outline, width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
  // The upper two of 16 bits are a scale.
  if (name === 'VP8 ')
    return {
      ...outline,
      width: data.readUInt16LE(6) & 0x3fff,
      height: data.readUInt16LE(8) & 0x3fff,
    };
  const bits = data.readUInt32LE(1);
  return {
    ...outline,
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    hasAlpha: ((bits >>> 28) & 1) === 1,
  };
}
