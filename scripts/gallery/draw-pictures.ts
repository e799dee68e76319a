/**
 * Draws pictures of several sizes and formats, and stores them with their thumbnails under the keys
 * that the images of `write-images.ts` name.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { contentTypeOf } from '@kiln/shared/domain/content-type';
import { makeThumbnail } from '@kiln/shared/imaging/make-thumbnail';
import { thumbnailKeyOf } from '@kiln/shared/services/files/object-keys';
import type { ObjectStore } from '@kiln/shared/storage/object-store';
import sharp from 'sharp';
import type { SharedPicture } from './write-images.ts';

export interface DrawnPicture extends SharedPicture {
  content: Buffer;
  thumbnail: Uint8Array;
}

const sizes = [
  { width: 1024, height: 1024 },
  { width: 1536, height: 1024 },
  { width: 1024, height: 1536 },
] as const;
const formats = ['jpeg', 'png', 'webp'] as const;
const thumbnailSeconds = 60;

/** @param kinds how many different pictures */
export async function drawPictures(kinds: number): Promise<DrawnPicture[]> {
  const pictures: DrawnPicture[] = [];
  // One after the other: each uses all the threads of the decoder.
  for (let kind = 0; kind < kinds; kind += 1) pictures.push(await draw(kind));
  return pictures;
}

/** A landscape of soft hills with a sun, as smooth as what a model paints. */
async function draw(kind: number): Promise<DrawnPicture> {
  const { width, height } = sizes[kind % sizes.length] ?? sizes[0];
  const format = formats[Math.floor(kind / sizes.length) % formats.length] ?? 'jpeg';
  const hue = (kind * 137) % 360;
  const hills = Array.from({ length: 4 }, (_, hill) => {
    const top = height * (0.45 + hill * 0.14);
    const swing = height * 0.12 * (1 + ((kind + hill) % 3)) * (hill % 2 === 0 ? 1 : -1);
    return `<path fill="hsl(${(hue + 40 + hill * 18) % 360} 45% ${58 - hill * 12}%)" d="M0 ${top}
      C${width * 0.3} ${top - swing} ${width * 0.7} ${top + swing} ${width} ${top}
      V${height} H0 Z"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 70% 35%)"/>
    <stop offset="1" stop-color="hsl(${(hue + 50) % 360} 80% 80%)"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>
    <circle cx="${width * (0.2 + ((kind * 29) % 60) / 100)}" cy="${height * 0.3}"
      r="${height * 0.09}" fill="hsl(${(hue + 180) % 360} 90% 85%)"/>${hills.join('')}</svg>`;
  const content = await sharp(Buffer.from(svg)).toFormat(format).toBuffer();
  const small = await makeThumbnail(content, thumbnailSeconds);
  if (small.status !== 'ok') throw new Error(`picture ${kind} has no thumbnail: ${small.message}`);
  return {
    format,
    width,
    height,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    crc32: crc32(content),
    thumbhash: small.thumbhash,
    content,
    thumbnail: small.bytes,
  };
}

/** @param keys the key of each picture, as `writeImages` returns them */
export async function storePictures(
  store: ObjectStore,
  pictures: readonly DrawnPicture[],
  keys: readonly string[],
): Promise<void> {
  for (const [number, { content, thumbnail, format }] of pictures.entries()) {
    const key = keys[number];
    if (key === undefined) throw new Error(`picture ${number} has no key`);
    await store.put(key, content, { contentType: contentTypeOf(format) });
    await store.put(thumbnailKeyOf(key), Buffer.from(thumbnail), {
      contentType: contentTypeOf('webp'),
    });
  }
}
