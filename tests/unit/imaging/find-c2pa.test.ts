/** Finding a C2PA manifest in the bytes of a picture. */
import { findC2pa } from '@kiln/shared/imaging/find-c2pa';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { withManifest } from '../../support/pictures/with-manifest.ts';

const pixel = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });

test.each(['png', 'jpeg', 'webp'] as const)('a manifest in a %s is found', async (format) => {
  const plain = await pixel.clone().toFormat(format).toBuffer();
  expect(findC2pa(format, plain)).toBe(false);
  const marked = withManifest(format, plain);
  expect(findC2pa(format, marked)).toBe(true);
  // It is still a picture.
  expect(await sharp(marked).metadata()).toMatchObject({ format, width: 8 });
});

test('a JPEG with other boxes has no manifest', async () => {
  const plain = await pixel.clone().jpeg().toBuffer();
  expect(findC2pa('jpeg', withManifest('jpeg', plain, 'json'))).toBe(false);
});

test.each(['png', 'jpeg', 'webp'])('a %s that ends anywhere is looked through', async (format) => {
  const bytes = withManifest(
    format as 'png',
    await pixel
      .clone()
      .toFormat(format as 'png')
      .toBuffer(),
  );
  for (let length = 0; length < bytes.length; length += 1)
    expect(typeof findC2pa(format, bytes.subarray(0, length))).toBe('boolean');
});

test('Kiln does not look for a manifest in a GIF or an SVG', () => {
  expect(findC2pa('gif', Buffer.from('GIF89a'))).toBeNull();
  expect(findC2pa('svg', Buffer.from('<svg/>'))).toBeNull();
});
