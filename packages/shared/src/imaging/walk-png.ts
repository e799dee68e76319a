/** Walks a png chunk by chunk (PNG 5.3, 11.2, 11.3): length, type, data, checksum, up to IEND. */
import { crc32, inflateSync } from 'node:zlib';
import { count, pictureLimits, refuse } from '../models/picture-rules.ts';
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

const signatureLength = 8;
/** Bytes of length, type and checksum together. */
const frameLength = 12;

export function walkPng(bytes: Buffer): Outline | PictureRefusal {
  let outline: Outline | null = null;
  let inflated = 0;
  for (let offset = signatureLength; offset + frameLength <= bytes.length;) {
    const length = bytes.readUInt32BE(offset);
    const end = offset + frameLength + length;
    if (end > bytes.length) return cutOff('png');
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    if (crc32(bytes.subarray(offset + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      return damaged(
        'png',
        `the checksum of its ${printable(type)} at byte ${count(offset)} is wrong`,
      );
    const data = bytes.subarray(offset + 8, end - 4);
    offset = end;
    if (outline === null) {
      if (type !== 'IHDR' || length !== 13)
        return damaged('png', 'it does not begin with its header');
      outline = readHeader(data);
    } else if (type === 'IEND') {
      return isPadding(bytes.subarray(end)) ? outline : followed('png', bytes, end);
    } else if (type === 'acTL' || type === 'fcTL' || type === 'fdAT') {
      return animated('png');
    } else if (type !== 'IDAT' && type !== 'PLTE') {
      const size = measure(type, data, pictureLimits.inflatedBytes - inflated);
      if (typeof size !== 'number') return size;
      inflated += size;
      const refusal = checkMetadata('png', printable(type), data);
      if (refusal !== null) return refusal;
    }
  }
  return cutOff('png');
}

function readHeader(data: Buffer): Outline {
  return {
    status: 'ok',
    width: data.readUInt32BE(0),
    height: data.readUInt32BE(4),
    // Bit 2 of the colour type is the alpha channel. A tRNS chunk names colours and is no channel.
    hasAlpha: (data.readUInt8(9) & 4) !== 0,
    isHeldWhole: data.readUInt8(12) !== 0,
  };
}

/**
 * Size of a compressed chunk after inflating; 0 for other chunks. Never inflates more than `limit`.
 */
function measure(type: string, data: Buffer, limit: number): number | PictureRefusal {
  const compressed = compressedPart(type, data);
  if (compressed === null) return 0;
  try {
    return inflateSync(compressed, { maxOutputLength: Math.max(1, limit) }).length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      return refuse(
        'image_metadata_too_large',
        `is a png whose ${type} inflates to more than all its texts and profiles may have ` +
          `(${count(pictureLimits.inflatedBytes)} bytes)`,
      );
    return damaged('png', `its ${type} cannot be unpacked`);
  }
}

/**
 * The compressed part of a chunk. iCCP and zTXt have name, 0, method, data; iTXt has name, 0,
 * compression flag, method, language, 0, translated name, 0, data.
 */
function compressedPart(type: string, data: Buffer): Buffer | null {
  if (type !== 'iCCP' && type !== 'zTXt' && type !== 'iTXt') return null;
  const name = data.indexOf(0);
  if (name === -1) return null;
  if (type !== 'iTXt') return data.subarray(name + 2);
  if (data[name + 1] !== 1) return null;
  const language = data.indexOf(0, name + 3);
  const translated = language === -1 ? -1 : data.indexOf(0, language + 1);
  return translated === -1 ? null : data.subarray(translated + 1);
}

function printable(type: string): string {
  return /^[A-Za-z]{4}$/.test(type) ? type : 'chunk of no name';
}
