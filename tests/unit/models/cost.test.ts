import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actualCost, estimateCost } from '../../../packages/shared/src/models/cost.ts';
import { findModel, listModels } from '../../../packages/shared/src/models/model-table.ts';

const model = findModel('gpt-image-2');

describe('the estimate', () => {
  /** Published prices of a 1024x1024 image of gpt-image-1.5, rounded to a tenth of a cent. */
  test.each([
    ['low', 0.009],
    ['medium', 0.034],
    ['high', 0.133],
  ] as const)('comes to the published price: %s', (quality, usd) => {
    const cost = estimateCost(
      { prompt: 'x', quality, size: '1024x1024' },
      findModel('gpt-image-1.5'),
    );
    expect(cost.usd).toBeCloseTo(usd, 3);
  });

  test('counts the prompt and the images in whole micro-dollars', () => {
    // 14 bytes are 4 tokens at 5; 196 tokens at 30 for each of 3 images.
    const cost = estimateCost(
      { prompt: 'A small boat …', quality: 'low', size: '1024x1024', n: 3 },
      model,
    );
    expect(cost).toEqual({
      usd: 0.01766,
      tokens: { textIn: 4, imageIn: 0, out: 588 },
      assumed: [],
    });
  });

  test('counts the source pictures of an edit', () => {
    const request = { prompt: 'A small boat …', quality: 'low', size: '1024x1024', n: 3 } as const;
    // 1,000 more tokens at 8.
    expect(estimateCost(request, model, undefined, 1_000)).toMatchObject({
      usd: 0.02566,
      tokens: { imageIn: 1_000 },
    });
  });

  test('has tokens but no price for an unknown model', () => {
    expect(estimateCost({ prompt: '小舟' }, null)).toEqual({
      usd: null,
      tokens: { textIn: 2, imageIn: 0, out: null },
      assumed: [],
    });
  });
});

describe('the actual cost', () => {
  const usage = {
    total_tokens: 1_220,
    input_tokens: 1_024,
    input_tokens_details: { text_tokens: 24, image_tokens: 1_000 },
    output_tokens: 196,
  };

  test('follows from the usage object of the provider', () => {
    expect(actualCost(usage, model)).toBe(0.014);
    expect(actualCost({ ...usage, output_tokens_details: { image_tokens: 196 } }, model)).toBe(
      0.014,
    );
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'free'],
    ['no details of the input', { input_tokens: 5, output_tokens: 196 }],
    ['no output', { input_tokens_details: usage.input_tokens_details }],
    ['a count as text', { ...usage, output_tokens: '196' }],
    ['a negative count', { ...usage, output_tokens: -1 }],
  ])('is null for %s', (_what, sent) => {
    expect(actualCost(sent, model)).toBeNull();
  });

  test('is null for an unknown model', () => {
    expect(actualCost(usage, null)).toBeNull();
  });

  test('is a whole number of micro-dollars for any usage', () => {
    const tokens = fc.nat({ max: 10_000_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...listModels()),
        tokens,
        tokens,
        tokens,
        (priced, text, image, output) => {
          const cost = actualCost(
            {
              input_tokens_details: { text_tokens: text, image_tokens: image },
              output_tokens: output,
            },
            priced,
          );
          expect(Number(cost?.toFixed(6))).toBe(cost);
        },
      ),
    );
  });
});
