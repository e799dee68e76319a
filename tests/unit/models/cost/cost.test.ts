import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actualCost, svgMicrosOf } from '@kiln/shared/models/cost/actual-cost';
import { estimateCost, estimateSvgMicros } from '@kiln/shared/models/cost/estimate-cost';
import { estimateOutputTokens } from '@kiln/shared/models/cost/image-tokens';
import {
  nothingLearnt,
  readLearnt,
  svgKey,
  toLearntText,
  type BilledRequest,
} from '@kiln/shared/models/cost/learnt-tokens';
import { formatBasis, weakestOf } from '@kiln/shared/models/cost/estimate-basis';
import { findModel, listModels } from '@kiln/shared/models/model-table';

const model = findModel('gpt-image-2');
const openai = { provider: 'openai', learnt: nothingLearnt } as const;
const outputOf = (request: BilledRequest, id = 'gpt-image-2') =>
  estimateOutputTokens(request, findModel(id), openai);

describe('the estimate', () => {
  /** Source: OpenAI's page of gpt-image-1.5, prices per image, rounded to a tenth of a cent. */
  test.each([
    ['low', 0.009],
    ['medium', 0.034],
    ['high', 0.133],
  ] as const)('comes to the published price: %s', (quality, usd) => {
    const output = outputOf({ quality, size: '1024x1024' }, 'gpt-image-1.5');
    const cost = estimateCost('x', findModel('gpt-image-1.5'), output);
    expect(cost.usd).toBeCloseTo(usd, 3);
    expect(cost.basis).toEqual({ kind: 'published' });
  });

  test('counts the prompt and the images in whole micro-dollars', () => {
    // 14 bytes are 4 tokens at 5; 196 tokens at 30 for each of 3 images.
    const output = outputOf({ quality: 'low', size: '1024x1024', n: 3 });
    expect(estimateCost('A small boat …', model, output)).toEqual({
      usd: 0.01766,
      basis: { kind: 'published' },
      tokens: { textIn: 4, imageIn: 0, out: 588 },
      assumed: [],
    });
  });

  test('counts the source pictures of an edit, and rests on the weakest of its parts', () => {
    const output = outputOf({ quality: 'low', size: '1024x1024', n: 3 });
    // 1,000 more tokens at 8.
    const sources = { amount: 1_000, basis: { kind: 'inferred' } } as const;
    expect(estimateCost('A small boat …', model, output, sources)).toMatchObject({
      usd: 0.02566,
      basis: { kind: 'inferred' },
      tokens: { imageIn: 1_000 },
    });
  });

  test('counts the author of an SVG document', () => {
    const request = { output_format: 'svg', svg: { model: 'gpt-5.6-terra' } } as const;
    const facts = { ...openai, id: 'gpt-image-2.5-flare' };
    // 1,500 assumed tokens at 2 and 8,000 at 12.
    const svg = estimateSvgMicros(request, facts);
    expect(svg).toEqual({ amount: 99_000, basis: { kind: 'inferred' } });
    const output = outputOf({ quality: 'low', size: '1024x1024' });
    const plain = estimateCost('A boat', model, output).usd ?? 0;
    expect(estimateCost('A boat', model, output, null, svg).usd).toBeCloseTo(plain + 0.099, 6);

    expect(estimateSvgMicros({ output_format: 'png' }, facts)).toBe('none');
    expect(estimateSvgMicros({ ...request, svg: { model: 'gpt-99' } }, facts)).toBeNull();
    expect(estimateCost('A boat', model, output, null, null)).toMatchObject({
      usd: null,
      basis: null,
    });
    // Without an author the dearest one of the table is assumed.
    expect(estimateSvgMicros({ output_format: 'svg' }, facts)).toEqual({
      amount: 1_500 * 5 + 8_000 * 30,
      basis: { kind: 'inferred' },
    });
    const key = toLearntText(svgKey('openai', facts.id, request));
    const learnt = readLearnt(new Map([[key, { mean: 61_500, calls: 3 }]]));
    expect(estimateSvgMicros(request, { ...facts, learnt })).toEqual({
      amount: 61_500,
      basis: { kind: 'learnt', calls: 3 },
    });
  });

  test('has tokens but no price for an unknown model', () => {
    expect(estimateCost('小舟', null, null)).toEqual({
      usd: null,
      basis: null,
      tokens: { textIn: 2, imageIn: 0, out: null },
      assumed: [],
    });
  });
});

test('the basis of an estimate is a word or names the number of calls', () => {
  expect(formatBasis({ kind: 'published' })).toBe('published');
  expect(formatBasis({ kind: 'inferred' })).toBe('inferred');
  expect(formatBasis({ kind: 'learnt', calls: 214 })).toBe('learnt from 214 calls');
  expect(formatBasis({ kind: 'learnt', calls: 1 })).toBe('learnt from 1 call');
  const learnt = { kind: 'learnt', calls: 9 } as const;
  expect(weakestOf([learnt, { kind: 'published' }, { ...learnt, calls: 4 }])).toEqual({
    kind: 'learnt',
    calls: 4,
  });
});

describe('the actual cost', () => {
  const usage = {
    total_tokens: 1_220,
    input_tokens: 1_024,
    input_tokens_details: { text_tokens: 24, image_tokens: 1_000 },
    output_tokens: 196,
  };

  /** Source: OpenAI's page of gpt-image-2, 5 for text, 8 for image input and 30 for output. */
  test('follows from the usage object of the provider', () => {
    expect(actualCost(usage, model)).toBe(0.014);
    expect(actualCost({ ...usage, output_tokens_details: { image_tokens: 196 } }, model)).toBe(
      0.014,
    );
  });

  /** Source: OpenAI's price page, gpt-image-1.5: 32 for image output, 10 for text output. */
  test('counts text that the model answered with at its own price', () => {
    const details = { image_tokens: 96, text_tokens: 100 };
    const answered = { ...usage, output_tokens_details: details };
    expect(actualCost(answered, findModel('gpt-image-1.5'))).toBe(
      (24 * 5 + 1_000 * 8 + 96 * 32 + 100 * 10) / 1e6,
    );
  });

  /** Source of the price: OpenAI's page of gpt-5.6-luna, 0.20 for input and 1.20 for output. */
  test('counts the second meter of an SVG document', () => {
    const svgUsage = {
      model: 'gpt-5.6-luna',
      input_tokens: 1_000,
      output_tokens: 10_000,
      reasoning_tokens: 4_000,
      total_tokens: 11_000,
    };
    expect(actualCost(usage, model, svgUsage)).toBe(0.014 + 0.0122);
    expect(svgMicrosOf({ ...svgUsage, model: 'gpt-5.6-luna-2026-07-09' })).toBe(12_200);
    // Here the total shows that the reasoning is not part of the output.
    expect(svgMicrosOf({ ...svgUsage, total_tokens: 15_000 })).toBe(17_000);
  });

  test.each([
    ['an author whose price is unknown', { model: 'gpt-99', input_tokens: 1, output_tokens: 1 }],
    ['a meter without an author', { input_tokens: 1, output_tokens: 1 }],
    ['a meter of another shape', []],
  ])('is null for %s', (_what, svgUsage) => {
    expect(actualCost(usage, model, svgUsage)).toBeNull();
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
        tokens,
        (priced, text, image, output, svg) => {
          const cost = actualCost(
            {
              input_tokens_details: { text_tokens: text, image_tokens: image },
              output_tokens: output,
            },
            priced,
            { model: 'gpt-5.6-luna', input_tokens: svg, output_tokens: svg },
          );
          expect(Number(cost?.toFixed(6))).toBe(cost);
        },
      ),
    );
  });
});
