import { describe, expect, test } from 'vitest';
import { estimateSourceTokens } from '@kiln/shared/models/cost/estimate-cost';
import {
  nothingLearnt,
  readLearnt,
  sourceKey,
  toLearntText,
} from '@kiln/shared/models/cost/learnt-tokens';
import { countSourceTokens, fidelityOf } from '@kiln/shared/models/cost/source-tokens';
import { findModel } from '@kiln/shared/models/model-table';

test('without a requested fidelity, a model that lacks the field counts as high', () => {
  expect(fidelityOf(findModel('gpt-image-1.5'), undefined)).toBe('low');
  expect(fidelityOf(findModel('gpt-image-1.5'), 'high')).toBe('high');
  expect(fidelityOf(findModel('gpt-image-2'), undefined)).toBe('high');
  expect(fidelityOf(null, undefined)).toBe('low');
});

/** Source: measured on gpt-image-2, 1,024 tokens for a picture of 1024x1024. */
describe('gpt-image-2 and later count patches of 32 pixels', () => {
  test.each([
    ['gpt-image-2', 1024, 1024, 1024],
    ['gpt-image-2', 1025, 32, 33],
    ['gpt-image-2.5-flare', 1536, 1024, 1536],
    ['gpt-image-2.6-sunburst', 3840, 2160, 8160],
    ['gpt-image-2', 1, 1, 1],
  ])('%s %i x %i', (id, width, height, tokens) => {
    expect(countSourceTokens(findModel(id), 'high', { width, height })).toBe(tokens);
  });
});

/**
 * Source: OpenAI's guide to images and vision, for gpt-image-1: 65 tokens and 129 for each tile
 * once the short edge has 512 pixels; in high fidelity 4,160 more for a square, 6,240 for other
 * shapes.
 */
describe('models before it count tiles', () => {
  test.each([
    ['low', 1024, 1024, 194],
    ['low', 1536, 1024, 323],
    ['low', 3000, 1000, 452],
    ['high', 1024, 1024, 4354],
    ['high', 1024, 1536, 6563],
  ] as const)('%s fidelity, %i x %i', (fidelity, width, height, tokens) => {
    expect(countSourceTokens(findModel('gpt-image-1.5'), fidelity, { width, height })).toBe(tokens);
  });
});

test('what was billed scales the count of each picture', () => {
  const [model, id] = [findModel('gpt-image-2'), 'gpt-image-2'];
  const pictures = [{ width: 1024, height: 1024 }, { width: 2048, height: 1024 }, null];
  const facts = { provider: 'openai', id } as const;
  expect(estimateSourceTokens({}, model, pictures, { ...facts, learnt: nothingLearnt })).toEqual({
    amount: 1024 + 2048 + 1536,
    basis: { kind: 'inferred' },
  });
  const known = { mean: 0.5, calls: 1 };
  const learnt = readLearnt(new Map([[toLearntText(sourceKey('openai', id, {})), known]]));
  expect(estimateSourceTokens({}, model, pictures, { ...facts, learnt })).toEqual({
    amount: 2304,
    basis: { kind: 'learnt', calls: 1 },
  });
  expect(estimateSourceTokens({}, model, [], { ...facts, learnt })).toBeNull();
});
