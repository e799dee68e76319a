import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { inspectImage } from '../../../../packages/shared/src/provider/answer/inspect-image.ts';

const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="24"><rect width="9" ' +
    'height="9"/></svg>',
);
const pictures: Record<string, Buffer> = { svg };

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const picture = sharp({
    create: { width: 40, height: 24, channels: 3, background: 'red', noise },
  });
  for (const format of ['png', 'jpeg', 'webp', 'gif'] as const) {
    pictures[format] = await picture.clone().toFormat(format).toBuffer();
  }
  pictures['progressive jpeg'] = await picture.clone().jpeg({ progressive: true }).toBuffer();
  pictures['animated gif'] = await sharp(
    [await picture.clone().png().toBuffer(), pictures.png ?? svg],
    {
      join: { animated: true },
    },
  )
    .gif()
    .toBuffer();
});

function pictureOf(name: string): Buffer {
  const bytes = pictures[name];
  if (!bytes) throw new Error(`no picture "${name}"`);
  return bytes;
}

const names = ['png', 'jpeg', 'progressive jpeg', 'webp', 'gif', 'animated gif', 'svg'];

describe.each(names)('a %s', (name) => {
  const format = name.split(' ').at(-1);

  test('has its format and size', async () => {
    expect(await inspectImage(pictureOf(name))).toEqual({
      status: 'ok',
      format,
      width: 40,
      height: 24,
    });
  });

  test('is unusable when it is truncated anywhere', async () => {
    const bytes = pictureOf(name);
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 60)) {
      expect(
        await inspectImage(bytes.subarray(0, length)),
        `${length} of ${bytes.length}`,
      ).toMatchObject({
        status: 'unusable',
      });
    }
    expect(await inspectImage(bytes.subarray(0, -1))).toMatchObject({ status: 'unusable' });
  });
});

test.each(names.filter((name) => name !== 'svg'))(
  'padding after the end of a %s is accepted',
  async (name) => {
    expect(await inspectImage(Buffer.concat([pictureOf(name), Buffer.alloc(3)]))).toMatchObject({
      status: 'ok',
    });
  },
);

test('an EOI inside a segment of a jpeg is not its end', async () => {
  const jpeg = pictureOf('jpeg');
  const app12 = Buffer.from([0xff, 0xec, 0x00, 0x06, 0xff, 0xd8, 0xff, 0xd9]);
  const whole = Buffer.concat([jpeg.subarray(0, 2), app12, jpeg.subarray(2)]);
  expect(await inspectImage(whole)).toMatchObject({ status: 'ok' });
  expect(await inspectImage(whole.subarray(0, -10))).toMatchObject({
    status: 'unusable',
    reason: 'the jpeg is cut off',
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('<html>gateway</html>')],
  ['zeros', Buffer.alloc(1_000)],
])('%s is no picture', async (_what, bytes) => {
  expect(await inspectImage(bytes)).toEqual({
    status: 'unusable',
    reason: 'the bytes are not a picture',
  });
});

test('a format that cannot be requested is unusable', async () => {
  const tiff = await sharp(pictureOf('png')).tiff().toBuffer();
  expect(await inspectImage(tiff)).toMatchObject({
    status: 'unusable',
    reason: expect.stringContaining('tiff') as string,
  });
});
