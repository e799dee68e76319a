/**
 * Builds pictures and their parts as bytes. What an encoder would not write is assembled by hand.
 */
import { createHash } from 'node:crypto';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export interface Painted {
  width: number;
  height: number;
  /** The alpha of all pixels: 0 is transparent, 1 opaque. Without it there is no alpha channel. */
  alpha?: number;
}

/** A picture as it comes out of an answer. */
export function hashed(bytes: Buffer) {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Draws a picture of one colour in any format. */
export function paint({ width, height, alpha }: Painted): Sharp {
  const colour = { r: 52, g: 86, b: 120 };
  return sharp({
    create:
      alpha === undefined
        ? { width, height, channels: 3, background: colour }
        : { width, height, channels: 4, background: { ...colour, alpha } },
  });
}

/** Draws a mask as callers do: opaque, with a transparent half. */
export async function paintMask(width: number, height: number): Promise<Buffer> {
  const hole = await paint({ width: Math.ceil(width / 2), height, alpha: 1 })
    .png()
    .toBuffer();
  return paint({ width, height, alpha: 1 })
    .composite([{ input: hole, left: 0, top: 0, blend: 'dest-out' }])
    .png()
    .toBuffer();
}

export const pngSignature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function pngChunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

export function pngHeader(
  width: number,
  height: number,
  { depth = 8, colourType = 2, interlace = 0 } = {},
): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colourType, 0, 0, interlace], 8);
  return pngChunk('IHDR', data);
}

/** Inserts chunks after the header of a png. */
export function withChunks(png: Buffer, ...chunks: Buffer[]): Buffer {
  const behindHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, behindHeader), ...chunks, png.subarray(behindHeader)]);
}

/** The passes of an interlaced png (PNG 8.2): where each begins, and the distance of its pixels. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Builds a flat black png of any size; its bytes are a thousandth of that. */
export function flatPng(
  width: number,
  height: number,
  options: Parameters<typeof pngHeader>[2] = {},
): Buffer {
  const { depth = 8, colourType = 2 } = options;
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType] ?? 1;
  const lineBytes = (pixels: number) => 1 + Math.ceil((pixels * channels * depth) / 8);
  const passes = options.interlace === 1 ? adam7 : [[0, 0, 1, 1] as const];
  let size = 0;
  for (const [x, y, dx, dy] of passes)
    size += lineBytes(Math.ceil((width - x) / dx)) * Math.ceil((height - y) / dy);
  return Buffer.concat([
    pngSignature,
    pngHeader(width, height, options),
    pngChunk('IDAT', deflateZeros(size)),
    pngChunk('IEND'),
  ]);
}

/**
 * Compresses this many zeros as zlib does. Repeats one piece, because compressing hundreds of
 * megabytes takes seconds.
 */
export function deflateZeros(size: number): Buffer {
  const pieceBytes = 1_000_000;
  const piece = deflateRawSync(Buffer.alloc(pieceBytes), {
    level: 9,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const checksum = Buffer.alloc(4); // Adler-32 of zeros
  checksum.writeUInt16BE(size % 65_521, 0);
  checksum.writeUInt16BE(1, 2);
  return Buffer.concat([
    Buffer.of(0x78, 0xda),
    ...Array<Buffer>(Math.floor(size / pieceBytes)).fill(piece),
    deflateRawSync(Buffer.alloc(size % pieceBytes), { level: 9 }),
    checksum,
  ]);
}

export function jpegSegment(code: number, data: Buffer): Buffer {
  const head = Buffer.of(0xff, code, 0, 0);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** Inserts segments after the first two bytes of a jpeg. */
export function withSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Builds a zip archive of one empty file. */
export function smallZip(): Buffer {
  const name = Buffer.from('a.txt');
  const local = Buffer.concat([
    Buffer.from('504b0304' + '00'.repeat(22) + '05000000', 'hex'),
    name,
  ]);
  const central = Buffer.concat([
    Buffer.from('504b0102' + '00'.repeat(24) + '0500' + '00'.repeat(16), 'hex'),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
