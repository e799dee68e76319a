import { describe, expect, test } from 'vitest';
import { estimateOutputTokens } from '../../../packages/shared/src/models/image-tokens.ts';
import { findModel } from '../../../packages/shared/src/models/model-table.ts';

/** The figures are published for gpt-image-2 and measured for gpt-image-2.5. */
describe('the formula gives the published and measured figures', () => {
  test.each([
    ['gpt-image-2', '1024x1024', 'low', 196],
    ['gpt-image-2', '1024x1024', 'medium', 1756],
    ['gpt-image-2', '1024x1024', 'high', 7024],
    ['gpt-image-2', '2048x1152', 'low', 157],
    ['gpt-image-2', '2048x1152', 'medium', 1413],
    ['gpt-image-2', '2048x1152', 'high', 5650],
    ['gpt-image-2.5-sunburst', '1024x1536', 'high', 1372],
    ['gpt-image-2.5-sunburst', '1024x1536', 'max', 5488],
    ['gpt-image-2.5-flare', '1024x1536', 'medium', 343],
  ] as const)('%s %s %s', (model, size, quality, tokens) => {
    expect(estimateOutputTokens({ size, quality }, findModel(model))).toEqual({
      tokens,
      assumed: [],
    });
  });
});

describe('the table of the older models', () => {
  test.each([
    ['1024x1024', 'low', 272],
    ['1024x1536', 'medium', 1584],
    ['1536x1024', 'high', 6208],
  ] as const)('%s %s', (size, quality, tokens) => {
    const model = findModel('gpt-image-1.5');
    expect(estimateOutputTokens({ size, quality }, model)?.tokens).toBe(tokens);
    expect(estimateOutputTokens({ size, quality, n: 10 }, model)?.tokens).toBe(tokens * 10);
  });
});

test('a medium square is assumed for what the request leaves open, and reported as assumed', () => {
  const model = findModel('gpt-image-2');
  expect(estimateOutputTokens({}, model)).toEqual({ tokens: 1756, assumed: ['size', 'quality'] });
  expect(estimateOutputTokens({ size: 'auto', quality: 'low' }, model)).toEqual({
    tokens: 196,
    assumed: ['size'],
  });
});

test('there is no estimate for an unknown model, quality or size', () => {
  expect(estimateOutputTokens({}, null)).toBeNull();
  expect(estimateOutputTokens({ quality: 'max' }, findModel('gpt-image-2'))).toBeNull();
  expect(estimateOutputTokens({ quality: 'max' }, findModel('gpt-image-1.5'))).toBeNull();
  expect(estimateOutputTokens({ size: 'large' }, findModel('gpt-image-2'))).toBeNull();
});
