import { describe, expect, test } from 'vitest';
import { estimateOutputTokens } from '@kiln/shared/models/cost/image-tokens';
import {
  nothingLearnt,
  outputKey,
  readLearnt,
  toLearntText,
  type BilledRequest,
  type LearningProvider,
} from '@kiln/shared/models/cost/learnt-tokens';
import { findModel } from '@kiln/shared/models/model-table';

const estimate = (id: string, request: BilledRequest, provider: LearningProvider = 'openai') =>
  estimateOutputTokens(request, findModel(id), { provider, learnt: nothingLearnt });

/**
 * Source of the figures of gpt-image-2: OpenAI's cost calculator. Those of gpt-image-2.5 are
 * measured.
 */
describe('the formula gives the published and measured figures', () => {
  test.each([
    ['gpt-image-2', '1024x1024', 'low', 196, 'published'],
    ['gpt-image-2', '1024x1024', 'medium', 1756, 'published'],
    ['gpt-image-2', '1024x1024', 'high', 7024, 'published'],
    ['gpt-image-2', '2048x1152', 'low', 157, 'published'],
    ['gpt-image-2', '2048x1152', 'medium', 1413, 'published'],
    ['gpt-image-2', '2048x1152', 'high', 5650, 'published'],
    ['gpt-image-2.5-sunburst', '1024x1536', 'high', 1372, 'inferred'],
    ['gpt-image-2.5-sunburst', '1024x1536', 'max', 5488, 'inferred'],
    ['gpt-image-2.5-flare', '1024x1536', 'medium', 343, 'inferred'],
    ['gpt-image-2.6-sunburst', '1024x1536', 'max', 5488, 'inferred'],
  ] as const)('%s %s %s', (model, size, quality, tokens, kind) => {
    expect(estimate(model, { size, quality })).toEqual({ tokens, assumed: [], basis: { kind } });
  });
});

/** Source: the table of output tokens in OpenAI's guide to image generation. */
describe('the table of the older models', () => {
  test.each([
    ['1024x1024', 'low', 272],
    ['1024x1536', 'medium', 1584],
    ['1536x1024', 'high', 6208],
  ] as const)('%s %s', (size, quality, tokens) => {
    expect(estimate('gpt-image-1.5', { size, quality })).toEqual({
      tokens,
      assumed: [],
      basis: { kind: 'published' },
    });
    expect(estimate('gpt-image-1.5', { size, quality, n: 10 })?.tokens).toBe(tokens * 10);
    expect(estimate('chatgpt-image-latest', { size, quality })).toMatchObject({
      tokens,
      basis: { kind: 'inferred' },
    });
  });
});

test('on OpenAI a medium square is assumed for what the request leaves open', () => {
  const basis = { kind: 'inferred' };
  expect(estimate('gpt-image-2', {})).toEqual({
    tokens: 1756,
    assumed: ['size', 'quality'],
    basis,
  });
  expect(estimate('gpt-image-2', { size: 'auto', quality: 'low' })).toEqual({
    tokens: 196,
    assumed: ['size'],
    basis,
  });
});

/** Source: Azure's reference of the images API, "quality: the default is high". */
test('on Azure a missing quality is high, and medium for the mini model', () => {
  const size = '1024x1024';
  expect(estimate('gpt-image-2', { size }, 'azure')).toMatchObject({ tokens: 7024, assumed: [] });
  expect(estimate('gpt-image-1.5', { size }, 'azure')).toMatchObject({ tokens: 4160 });
  expect(estimate('gpt-image-1-mini', { size }, 'azure')).toMatchObject({ tokens: 1056 });
  expect(estimate('gpt-image-2', { size, quality: 'auto' }, 'azure')).toMatchObject({
    tokens: 7024,
    assumed: ['quality'],
  });
});

/** Source: OpenAI's guide to image generation, "each partial image adds 100 output tokens". */
test('each partial image costs 100 tokens more', () => {
  const request = { size: '1024x1024', quality: 'low', partial_images: 3 } as const;
  expect(estimate('gpt-image-2', request)?.tokens).toBe(496);
});

test('what an image was billed replaces the figure of the table, for this request only', () => {
  const request = { size: '1024x1024', quality: 'low' } as const;
  const known = { mean: 250.4, calls: 214 };
  const key = outputKey('openai', 'gpt-image-2-2026-04-21', request);
  const learnt = readLearnt(new Map([[toLearntText(key), known]]));
  const model = findModel('gpt-image-2');
  expect(
    estimateOutputTokens({ ...request, n: 2, partial_images: 1 }, model, {
      provider: 'openai',
      learnt,
    }),
  ).toEqual({ tokens: 601, assumed: [], basis: { kind: 'learnt', calls: 214 } });
  for (const [provider, other] of [
    ['azure', request],
    ['simulator', request],
    ['openai', { ...request, quality: 'medium' }],
    ['openai', { ...request, size: '1024x1536' }],
    ['openai', { ...request, output_format: 'gif' }],
  ] as const)
    expect(estimateOutputTokens(other, model, { provider, learnt })?.basis.kind).not.toBe('learnt');
});

test('there is no estimate for an unknown model, quality or size', () => {
  expect(estimate('gpt-image-99', {})).toBeNull();
  expect(estimate('gpt-image-2', { quality: 'max' })).toBeNull();
  expect(estimate('gpt-image-1.5', { quality: 'max' })).toBeNull();
  expect(estimate('gpt-image-2', { size: 'large' })).toBeNull();
});
