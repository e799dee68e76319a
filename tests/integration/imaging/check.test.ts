/** Checks of source pictures and masks in the imaging thread. */
import { createLogger } from '@kiln/shared/logger';
import { createImaging } from '@kiln/shared/imaging/imaging';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { badPictures } from '../../support/pictures/bad-pictures.ts';
import {
  flatPng,
  jpegSegment,
  paint,
  paintMask,
  pngChunk,
  withChunks,
  withSegments,
} from '../../support/pictures/pictures.ts';

const imaging = createImaging({ log: createLogger({ name: 'test', level: 'silent' }) });
afterAll(() => imaging.close());

test.each(badPictures)('$name', async ({ bytes, code, message }) => {
  const check = await imaging.checkSource(await bytes());
  expect(check).toEqual({
    status: 'refused',
    code,
    message: expect.stringMatching(message) as string,
  });
});

test('a motion photo is refused; the picture that the message names is accepted', async () => {
  const still = await paint({ width: 61, height: 40 }).jpeg().toBuffer();
  const bright = withSegments(
    still,
    jpegSegment(0xe2, Buffer.from('MPF\0MM\0*\0\0\0\x08', 'latin1')),
  );
  const video = Buffer.concat([
    Buffer.alloc(3),
    Buffer.from('\x18ftypmp42'),
    Buffer.alloc(5_000, 1),
  ]);
  const check = await imaging.checkSource(Buffer.concat([bright, still, video]));
  expect(check).toEqual({
    status: 'refused',
    code: 'image_with_foreign_data',
    message: expect.stringMatching(/\(the video of a motion photo\)/) as string,
  });
  const message = check.status === 'refused' ? check.message : '';
  const [, size] = /upload the picture alone, its first ([\d,]+) bytes$/.exec(message) ?? [];
  const alone = Number(size?.replaceAll(',', ''));
  expect(alone).toBe(bright.length + still.length);
  expect(
    await imaging.checkSource(Buffer.concat([bright, still]).subarray(0, alone)),
  ).toMatchObject({
    status: 'ok',
  });
});

test('a jpeg that contains 30,000 further jpegs is read to the end and accepted', async () => {
  const still = await paint({ width: 8, height: 8 }).jpeg().toBuffer();
  const first = withSegments(
    still,
    jpegSegment(0xe2, Buffer.from('MPF\0MM\0*\0\0\0\x08', 'latin1')),
  );
  const many = Buffer.concat([first, ...Array.from({ length: 30_000 }, () => still)]);
  expect(await imaging.checkSource(many)).toMatchObject({ status: 'ok' });
});

describe('an accepted source', () => {
  const size = { width: 61, height: 40 };
  const plain = { ...size, has_alpha: false, is_opaque: true };
  const painted = paint(size);
  const jpeg = painted.jpeg().toBuffer();
  const png = painted.png().toBuffer();
  test.each<[string, Promise<Buffer> | Buffer, object]>([
    ['png', png, { ...plain, format: 'png' }],
    ['jpeg', jpeg, { ...plain, format: 'jpeg' }],
    ['webp', painted.webp().toBuffer(), { ...plain, format: 'webp' }],
    ['lossless webp', painted.webp({ lossless: true }).toBuffer(), { ...plain, format: 'webp' }],
    [
      'transparent webp',
      paint({ ...size, alpha: 0.5 })
        .webp()
        .toBuffer(),
      { ...size, format: 'webp', has_alpha: true, is_opaque: false },
    ],
    [
      'progressive jpeg',
      painted.jpeg({ progressive: true }).toBuffer(),
      { ...plain, format: 'jpeg' },
    ],
    ['grey jpeg', painted.greyscale().jpeg().toBuffer(), { ...plain, format: 'jpeg' }],
    ['jpeg in cmyk', painted.toColourspace('cmyk').jpeg().toBuffer(), { ...plain, format: 'jpeg' }],
    ['interlaced png', painted.png({ progressive: true }).toBuffer(), { ...plain, format: 'png' }],
    [
      'png of 16 bits',
      painted.toColourspace('rgb16').png().toBuffer(),
      { ...plain, format: 'png' },
    ],
    ['png with a palette', painted.png({ palette: true }).toBuffer(), { ...plain, format: 'png' }],
    [
      'png with a profile',
      painted.withIccProfile('p3').png().toBuffer(),
      { ...plain, format: 'png' },
    ],
    [
      'png in opaque rgba',
      paint({ ...size, alpha: 1 })
        .png()
        .toBuffer(),
      { ...size, format: 'png', has_alpha: true, is_opaque: true },
    ],
    [
      'png of one transparent pixel',
      oneTransparentPixel(),
      { ...size, format: 'png', has_alpha: true, is_opaque: false },
    ],
    ['png with padding after it', padded(png), { ...plain, format: 'png' }],
    ['jpeg with padding after it', padded(jpeg), { ...plain, format: 'jpeg' }],
    ['jpeg with the second one it announces', two(jpeg), { ...plain, format: 'jpeg' }],
    ["jpeg with Samsung's trailer", samsung(jpeg), { ...plain, format: 'jpeg' }],
    ['png with texts', texts(png), { ...plain, format: 'png' }],
    [
      'png of the largest size',
      flatPng(10_000, 5_000),
      { format: 'png', width: 10_000, height: 5_000, has_alpha: false, is_opaque: true },
    ],
  ])('%s', async (_what, bytes, picture) => {
    expect(await imaging.checkSource(await bytes)).toEqual({ status: 'ok', picture });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'has its displayed size with orientation %i',
    async (orientation) => {
      const turned = orientation >= 5 ? { width: 40, height: 61 } : size;
      for (const format of ['jpeg', 'png', 'webp'] as const) {
        const bytes = await painted
          .clone()
          .withMetadata({ orientation })
          .toFormat(format)
          .toBuffer();
        expect(await imaging.checkSource(bytes)).toMatchObject({
          status: 'ok',
          picture: { ...turned, format },
        });
      }
    },
  );

  async function oneTransparentPixel(): Promise<Buffer> {
    const pixels = await paint({ ...size, alpha: 1 })
      .raw()
      .toBuffer();
    pixels[pixels.length - 1] = 254;
    return sharp(pixels, { raw: { ...size, channels: 4 } })
      .png()
      .toBuffer();
  }
  async function padded(bytes: Promise<Buffer>): Promise<Buffer> {
    return Buffer.concat([await bytes, Buffer.alloc(1_000)]);
  }
  async function two(bytes: Promise<Buffer>): Promise<Buffer> {
    const first = withSegments(
      await bytes,
      jpegSegment(0xe2, Buffer.from('MPF\0MM\0*\0\0\0\x08', 'latin1')),
    );
    return Buffer.concat([first, Buffer.alloc(6), await bytes]);
  }
  async function samsung(bytes: Promise<Buffer>): Promise<Buffer> {
    const trailer = Buffer.concat([
      Buffer.from('Image_UTC_Data1700000000000'),
      Buffer.from('SEFH'),
      Buffer.alloc(20),
      Buffer.of(24, 0, 0, 0),
      Buffer.from('SEFT'),
    ]);
    return Buffer.concat([await bytes, trailer]);
  }
  async function texts(bytes: Promise<Buffer>): Promise<Buffer> {
    return withChunks(
      await bytes,
      pngChunk('tEXt', Buffer.from('parameters\0a boat <lora:boats:0.8>, 4 < 5')),
      pngChunk('iTXt', Buffer.from('Title\0\0\0\0\0朝霧')),
    );
  }
});

describe('a mask', () => {
  const first = { width: 90, height: 60 };
  test('of the size of the first image is accepted', async () => {
    const check = await imaging.checkMask(await paintMask(90, 60), first);
    expect(check).toMatchObject({
      status: 'ok',
      picture: { ...first, has_alpha: true, is_opaque: false },
    });
  });

  test('is compared with a turned jpeg as displayed and as stored', async () => {
    const rotated = await paint(first).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const source = await imaging.checkSource(rotated);
    if (source.status === 'refused') throw new Error(source.message);
    expect(source.picture).toMatchObject({ width: 60, height: 90, orientation: 6 });
    for (const [width, height] of [
      [60, 90],
      [90, 60],
    ] as const)
      expect(await imaging.checkMask(await paintMask(width, height), source.picture)).toMatchObject(
        { status: 'ok' },
      );
    expect(await imaging.checkMask(await paintMask(90, 90), source.picture)).toEqual({
      status: 'refused',
      code: 'mask_size_mismatch',
      message:
        'is 90 × 90; a mask has the size of the first image as displayed, which is 60 × 90, or ' +
        'as stored, which is 90 × 60',
    });
  });

  test('is compared with an upside-down jpeg as displayed only', async () => {
    const turned = await paint(first).withMetadata({ orientation: 3 }).jpeg().toBuffer();
    const source = await imaging.checkSource(turned);
    if (source.status === 'refused') throw new Error(source.message);
    expect(source.picture).toMatchObject({ ...first, orientation: 3 });
    expect(await imaging.checkMask(await paintMask(60, 90), source.picture)).toMatchObject({
      status: 'refused',
      code: 'mask_size_mismatch',
    });
  });

  test.each([5, 6, 7, 8])(
    'drawn on the stored pixels is turned like a picture of the orientation %i',
    async (orientation) => {
      // One transparent corner, so that no two of the orientations look alike.
      const hole = await paint({ width: 40, height: 10, alpha: 1 }).png().toBuffer();
      const mask = await paint({ ...first, alpha: 1 })
        .composite([{ input: hole, left: 0, top: 0, blend: 'dest-out' }])
        .png()
        .toBuffer();
      const turned = await imaging.turn(mask, orientation);
      if (turned.status === 'refused') throw new Error(turned.message);
      const asPicture = await sharp(mask).withMetadata({ orientation }).png().toBuffer();
      const expected = await sharp(asPicture)
        .autoOrient()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const found = await sharp(turned.bytes).raw().toBuffer({ resolveWithObject: true });
      expect(found.info).toMatchObject({ width: 60, height: 90, channels: 4 });
      expect(found.data.equals(expected.data)).toBe(true);
      expect((await sharp(turned.bytes).metadata()).orientation ?? 1).toBe(1);
    },
  );

  test.each<[string, Promise<Buffer>, string, RegExp]>([
    [
      'a jpeg',
      paint(first).jpeg().toBuffer(),
      'mask_format_unsupported',
      /^is a jpeg; a mask is a png with an alpha channel$/,
    ],
    [
      'a webp',
      paint({ ...first, alpha: 0 })
        .webp()
        .toBuffer(),
      'mask_format_unsupported',
      /^is a webp/,
    ],
    [
      'without alpha',
      paint(first).png().toBuffer(),
      'mask_without_alpha',
      /^is a png without an alpha channel/,
    ],
    [
      'with a transparent colour in its palette',
      paint({ ...first, alpha: 0 })
        .png({ palette: true })
        .toBuffer(),
      'mask_without_alpha',
      /without an alpha channel/,
    ],
    [
      'opaque',
      paint({ ...first, alpha: 1 })
        .png()
        .toBuffer(),
      'mask_opaque',
      /^is opaque everywhere; a mask is transparent where/,
    ],
    [
      'of another size',
      paintMask(91, 60),
      'mask_size_mismatch',
      /^is 91 × 60; .* which is 90 × 60$/,
    ],
    [
      'of 4 MB',
      large(),
      'mask_too_large',
      /^has 4,194,304 bytes; a mask has fewer than 4,194,304$/,
    ],
    [
      'cut off',
      paintMask(90, 60).then((bytes) => bytes.subarray(0, -10)),
      'image_damaged',
      /cut off/,
    ],
  ])('%s is refused', async (_what, bytes, code, message) => {
    const check = await imaging.checkMask(await bytes, first);
    expect(check).toEqual({
      status: 'refused',
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  async function large(): Promise<Buffer> {
    const mask = await paintMask(90, 60);
    return withChunks(
      mask,
      pngChunk('tEXt', Buffer.alloc(4 * 1024 * 1024 - mask.length - 12, 0x61)),
    );
  }
});
