/**
 * Walks a jpeg segment by segment (ITU-T T.81, B.1.1) up to EOI: reads its size, refuses markup in
 * its metadata and unknown data after its end. Trailing data that cameras write is accepted:
 * padding, further jpegs it announces, Samsung's trailer. Used by `structure.ts`.
 */
import { count, pictureLimits, refuse } from '../models/picture-rules.ts';
import { describeKind, isPadding } from './foreign-data.ts';
import {
  checkMetadata,
  cutOff,
  damaged,
  followed,
  type Outline,
  type PictureRefusal,
} from './outline.ts';

const marker = {
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  APP0: 0xe0,
  APP2: 0xe2,
  APP15: 0xef,
  COM: 0xfe,
} as const;

interface Walk {
  status: 'ok';
  outline: Outline;
  /** Offset of the end of this jpeg. */
  end: number;
  /** This jpeg announces further jpegs after it (CIPA DC-007): depth, brightness, a second eye. */
  isFirstOfMany: boolean;
}

export function walkJpeg(bytes: Buffer): Outline | PictureRefusal {
  const walk = walkOne(bytes);
  if (walk.status === 'refused') return walk;
  const end = endOfKnown(bytes, walk);
  if (end === bytes.length) return walk.outline;
  return followed(
    'jpeg',
    bytes,
    end,
    isMotionPhoto(bytes.subarray(end)) ? 'the video of a motion photo' : null,
  );
}

function walkOne(bytes: Buffer): Walk | PictureRefusal {
  let outline: Outline | null = null;
  let isFirstOfMany = false;
  let scans = 0;
  for (let offset = 2; offset + 2 <= bytes.length;) {
    if (bytes[offset] !== 0xff)
      return damaged('jpeg', `byte ${count(offset)} belongs to no part of it`);
    const code = bytes.readUInt8(offset + 1);
    if (code === 0xff) {
      offset += 1; // a filler
      continue;
    }
    if (code === marker.EOI) {
      if (outline === null || scans === 0) return damaged('jpeg', 'it has no picture');
      return { status: 'ok', outline, end: offset + 2, isFirstOfMany };
    }
    // A restart marker or TEM has no length.
    if ((code >= 0xd0 && code <= 0xd7) || code === 0x01) {
      offset += 2;
      continue;
    }
    if (offset + 4 > bytes.length) break;
    const end = offset + 2 + bytes.readUInt16BE(offset + 2);
    if (end > bytes.length) break;
    const data = bytes.subarray(offset + 4, end);
    if (isFrame(code)) {
      if (outline !== null) return damaged('jpeg', 'it has two pictures in one');
      if (data.length < 6) return damaged('jpeg', 'its header is too short');
      outline = readFrame(code, data);
    } else if (code === marker.SOS) {
      if (outline === null) return damaged('jpeg', 'its picture comes before its header');
      scans += 1;
      if (scans > pictureLimits.jpegScans)
        return refuse(
          'image_too_large',
          `is a jpeg in more than ${pictureLimits.jpegScans} scans; save it again with fewer`,
        );
    } else if ((code >= marker.APP0 && code <= marker.APP15) || code === marker.COM) {
      if (code === marker.APP2 && data.toString('latin1', 0, 4) === 'MPF\0') isFirstOfMany = true;
      const refusal = checkMetadata(
        'jpeg',
        code === marker.COM ? 'comment' : `APP${code - marker.APP0}`,
        data,
      );
      if (refusal !== null) return refusal;
    }
    offset = code === marker.SOS ? endOfScan(bytes, end) : end;
  }
  return cutOff('jpeg');
}

/** SOF0 to SOF15, except DHT, JPG and DAC in between. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function readFrame(code: number, data: Buffer): Outline {
  return {
    status: 'ok',
    height: data.readUInt16BE(1),
    width: data.readUInt16BE(3),
    hasAlpha: false,
    // The third of every four frame types is progressive.
    isHeldWhole: (code & 0x03) === 0x02,
  };
}

/** Offset of the first marker after a scan's data, in which 0xff is followed by 0 or a restart. */
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/**
 * Offset of the end of everything that cameras are known to write after a picture: padding, further
 * jpegs that it announced, Samsung's trailer.
 */
function endOfKnown(bytes: Buffer, { end, isFirstOfMany }: Walk): number {
  for (let known = end; ;) {
    const rest = bytes.subarray(known);
    if (isPadding(rest) || isSamsungTrailer(rest)) return bytes.length;
    const start = isFirstOfMany ? rest.indexOf(Buffer.of(0xff, marker.SOI, 0xff)) : -1;
    if (start === -1 || !isPadding(rest.subarray(0, start))) return known;
    const further = walkOne(rest.subarray(start));
    if (further.status === 'refused') return known;
    known += start + further.end;
  }
}

/**
 * Most cameras append the mp4 of a motion photo as it is; Samsung puts it under a name in its
 * trailer.
 */
function isMotionPhoto(rest: Buffer): boolean {
  const start = rest.indexOf('ftyp') - 4;
  const isVideo =
    start >= 0 &&
    isPadding(rest.subarray(0, start)) &&
    describeKind(rest.subarray(start)) === 'a video';
  return isVideo || rest.includes('MotionPhoto_Data');
}

/** Size limit of the trailer without the much longer video of a motion photo. */
const samsungTrailerBytes = 65_536;

/**
 * Samsung's trailer has the entries, a directory that begins with `SEFH` and holds their offsets,
 * the length of the directory, and `SEFT`.
 */
function isSamsungTrailer(rest: Buffer): boolean {
  if (rest.length < 24 || rest.length > samsungTrailerBytes) return false;
  if (rest.toString('latin1', rest.length - 4) !== 'SEFT') return false;
  const head = rest.length - 8 - rest.readUInt32LE(rest.length - 8);
  return head >= 0 && rest.toString('latin1', head, head + 4) === 'SEFH';
}
