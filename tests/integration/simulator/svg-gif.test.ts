/** The simulator's SVG documents and gifs, as OpenAI documents them. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImages, matching, readError, readImages, startSimulator } from './support.ts';

const model = 'gpt-image-2.6-flare';

test('an SVG document has a second meter with its author', async () => {
  const { generate, ledger } = await startSimulator();
  const svg = { model: 'gpt-5.6-luna', reasoning: { effort: 'low' } };
  const answer = await readImages(
    await generate({ prompt: 'a fox', model, output_format: 'svg', svg }),
  );
  expect(answer).toMatchObject({
    output_format: 'svg',
    svg_usage: {
      model: 'gpt-5.6-luna',
      input_tokens: 1_002,
      output_tokens: 3_500,
      reasoning_tokens: 500,
      total_tokens: 4_502,
    },
  });
  expect(decodeImages(answer)[0]?.toString()).toMatch(/^<svg[\s\S]*<\/svg>$/);
  const plain = await readImages(await generate({ prompt: 'a fox', model }));
  expect(plain).not.toHaveProperty('svg_usage');
  const { entries } = await ledger();
  expect(entries.map(({ svg_usage: used }) => used?.total_tokens)).toEqual([4_502, undefined]);
});

test('a gif has its frames, and is billed for each of them', async () => {
  const { generate } = await startSimulator();
  const request = { prompt: 'a fox', model, quality: 'low', size: '1024x1024' };
  const still = await readImages(await generate(request));
  const gif = { output_format: 'gif', frame_count: 3, frame_duration_ms: 94 };
  const answer = await readImages(await generate({ ...request, ...gif }));
  expect(answer.usage.output_tokens).toBe(3 * still.usage.output_tokens);
  const { pages, delay } = await sharp(decodeImages(answer)[0]).metadata();
  expect({ pages, delay }).toEqual({ pages: 3, delay: [90, 90, 90] });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['svg', { svg: { model: 'gpt-5.6' } }, /only supported with output_format=svg/],
  ['svg.model', { output_format: 'svg', svg: {} }, /Missing required parameter: 'svg.model'/],
  ['svg.style', { output_format: 'svg', svg: { model: 'a', style: 1 } }, /Unknown parameter/],
  [
    'svg.reasoning.effort',
    { output_format: 'svg', svg: { model: 'a', reasoning: { effort: 'huge' } } },
    /'none', 'minimal'/,
  ],
  ['output_compression', { output_format: 'svg', output_compression: 100 }, /Compression/],
  ['output_compression', { output_format: 'png', output_compression: 99 }, /less than 100/],
  ['frame_count', { frame_count: 4 }, /only supported with output_format=gif/],
  ['frame_count', { output_format: 'gif', frame_count: 17 }, /Expected a value <= 16/],
])('refuses %s of %j', async (param, body, message) => {
  const { generate } = await startSimulator();
  const answer = await readError(await generate({ prompt: 'a fox', model, ...body }));
  expect(answer).toMatchObject({ status: 400, param });
  expect(answer).toHaveProperty('message', matching(message));
});

test('on Azure a missing quality is high; a png may have the compression 100', async () => {
  const { generate } = await startSimulator();
  const request = { prompt: 'a fox', size: '1024x1024', output_compression: 100 };
  const usageOn = async (face: 'azure' | 'openai') =>
    (await readImages(await generate(request, { face }))).usage.output_tokens;
  expect([await usageOn('azure'), await usageOn('openai')]).toEqual([7024, 1756]);
});
