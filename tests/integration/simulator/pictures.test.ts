import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImages, readImages, startSimulator, type TestSimulator } from './support.ts';

async function draw({ generate }: TestSimulator, body: Record<string, unknown>): Promise<Buffer> {
  const [bytes] = decodeImages(
    await readImages(await generate({ prompt: 'a lighthouse', ...body })),
  );
  return bytes ?? Buffer.alloc(0);
}

test('pictures have the requested size and format', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  const model = 'gpt-image-2.5-flare';
  for (const [format, size] of [
    ['png', '1024x1536'],
    ['jpeg', '1536x1024'],
    ['webp', '2048x688'],
    ['gif', '1024x1024'],
    ['svg', '1024x1024'],
  ] as const) {
    const bytes = await draw(simulator, { model, output_format: format, size });
    const found = await sharp(bytes).metadata();
    expect({ format: found.format, size: `${found.width}x${found.height}` }).toEqual({
      format,
      size,
    });
  }
});

test('a transparent background is a real alpha channel, an opaque one has none', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  for (const output_format of ['png', 'webp']) {
    const transparent = sharp(await draw(simulator, { output_format, background: 'transparent' }));
    expect((await transparent.metadata()).hasAlpha).toBe(true);
    const { channels } = await transparent.stats();
    expect(channels[3]).toMatchObject({ min: 0, max: 255 });
    expect((await sharp(await draw(simulator, { output_format })).metadata()).hasAlpha).toBe(false);
  }
});

test('compression makes the file smaller', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  for (const output_format of ['jpeg', 'webp']) {
    const sizes = await Promise.all(
      [10, 60, 100].map(
        async (output_compression) =>
          (await draw(simulator, { output_format, output_compression })).length,
      ),
    );
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(new Set(sizes).size).toBe(3);
  }
});

test('equal seed, prompt and parameters give equal bytes; others do not', async () => {
  const first = await startSimulator({ pictures: 'full', seed: 7 });
  const second = await startSimulator({ pictures: 'full', seed: 7 });
  const other = await startSimulator({ pictures: 'full', seed: 8 });
  const two = decodeImages(
    await readImages(await first.generate({ prompt: 'a lighthouse', n: 2 })),
  );
  const again = decodeImages(
    await readImages(await second.generate({ prompt: 'a lighthouse', n: 2 })),
  );
  expect(again).toEqual(two);
  const one = await draw(first, {});
  const different = [await draw(other, {}), await draw(first, { prompt: 'a windmill' }), ...two];
  for (const bytes of different) expect(bytes.equals(one)).toBe(false);
  expect(two[0]?.equals(two[1] ?? Buffer.alloc(0))).toBe(false);
});

test('any prompt can be drawn', async () => {
  const simulator = await startSimulator({ pictures: 'full' });
  const prompts = [
    ' ',
    '<svg> & "quotes" \u0000\u0007',
    '夜の港に浮かぶ赤い灯台',
    '🦊👨‍👩‍👧',
    '\ud83d',
    'w'.repeat(32_000),
    '\n\t',
    'été Ωмега عربى',
  ];
  for (const prompt of prompts) {
    const { width } = await sharp(await draw(simulator, { prompt, quality: 'low' })).metadata();
    expect(width).toBe(1024);
  }
});

test('tiny pictures have the requested format, and the answer keeps the request', async () => {
  const simulator = await startSimulator({ pictures: 'tiny' });
  for (const output_format of ['png', 'jpeg', 'webp']) {
    const answer = await readImages(
      await simulator.generate({ prompt: 'a fox', output_format, size: '2048x1152' }),
    );
    expect(answer).toMatchObject({ size: '2048x1152', output_format });
    const found = await sharp(decodeImages(answer)[0]).metadata();
    expect(found).toMatchObject({ format: output_format, width: 64, height: 64 });
  }
});
