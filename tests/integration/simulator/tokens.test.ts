import { expect, test } from 'vitest';
import { readImages, startSimulator } from './support.ts';

/** Figures published by the provider, or measured there. */
const published: [model: string, size: string, quality: string, tokens: number][] = [
  ['gpt-image-1', '1024x1024', 'low', 272],
  ['gpt-image-1', '1024x1536', 'medium', 1584],
  ['gpt-image-1-mini', '1536x1024', 'high', 6208],
  ['gpt-image-1.5', '1024x1024', 'auto', 1056],
  ['gpt-image-2', '1024x1024', 'low', 196],
  ['gpt-image-2', '1024x1024', 'medium', 1756],
  ['gpt-image-2', '1024x1024', 'high', 7024],
  ['gpt-image-2', '2048x1152', 'low', 157],
  ['gpt-image-2', '2048x1152', 'medium', 1413],
  ['gpt-image-2', '2048x1152', 'high', 5650],
  ['gpt-image-2', 'auto', 'auto', 1756],
  ['gpt-image-2.5-sunburst', '1024x1536', 'high', 1372],
  ['gpt-image-2.5-sunburst', '1024x1536', 'max', 5488],
  ['gpt-image-2.5-flare', '1024x1536', 'medium', 343],
];

test('usage follows the published figures, times the number of images', async () => {
  const { generate } = await startSimulator();
  for (const [model, size, quality, tokens] of published) {
    const { usage } = await readImages(
      await generate({ model, size, quality, n: 2, prompt: '灯台' }),
    );
    // Two kanji are six bytes, two tokens.
    const expected = { input_tokens: 2, output_tokens: 2 * tokens, total_tokens: 2 * tokens + 2 };
    expect(usage, `${model} ${size} ${quality}`).toMatchObject(expected);
  }
});
