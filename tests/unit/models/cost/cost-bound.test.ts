/** The most that one call can cost. */
import { boundCallMicros, boundOutputTokens } from '@kiln/shared/models/cost/cost-bound';
import {
  estimateCost,
  estimateSourceTokens,
  estimateSvgMicros,
} from '@kiln/shared/models/cost/estimate-cost';
import { estimateOutputTokens } from '@kiln/shared/models/cost/image-tokens';
import {
  nothingLearnt,
  outputKey,
  readLearnt,
  toLearntText,
} from '@kiln/shared/models/cost/learnt-tokens';
import { findModel, listModels } from '@kiln/shared/models/model-table';
import { expect, test } from 'vitest';

const facts = { provider: 'openai', learnt: nothingLearnt, partialImages: 0 } as const;
const boundOf = (request: object, id = 'gpt-image-2', more: object = {}) =>
  boundOutputTokens(request, findModel(id), { ...facts, id, ...more });

test('counts n images of the size and quality, and the partial images', () => {
  const request = { size: '1024x1024', quality: 'low', n: 2 };
  expect(boundOf(request)).toBe(2 * 196);
  expect(boundOf({ ...request, partial_images: 3 })).toBe(2 * 196 + 300);
  expect(boundOf(request, 'gpt-image-2', { partialImages: 1 })).toBe(2 * 196 + 100);
});

test('takes the largest size and the highest quality where the request leaves them open', () => {
  expect(boundOf({ size: '1024x1024' })).toBe(boundOf({ size: '1024x1024', quality: 'high' }));
  expect(boundOf({})).toBe(boundOf({ size: '2880x2880', quality: 'high' }));
  expect(boundOf({}, 'gpt-image-2.5-flare')).toBe(
    boundOf({ size: '2880x2880', quality: 'max' }, 'gpt-image-2.5-flare'),
  );
  expect(boundOf({}, 'gpt-image-1.5')).toBe(6240);
});

test('no size of a model has more tokens than the bound of an open size', () => {
  const open = boundOf({ quality: 'high' }) as number;
  for (let width = 16; width <= 3840; width += 16)
    for (let height = 16; height <= 3840; height += 64) {
      if (width * height > 8_294_400 || Math.max(width, height) > 3 * Math.min(width, height))
        continue;
      expect(boundOf({ size: `${width}x${height}`, quality: 'high' })).toBeLessThanOrEqual(open);
    }
});

test('rises with what calls were billed, and never falls below the table', () => {
  const request = { size: '1024x1024', quality: 'low' } as const;
  const after = (mean: number) =>
    boundOf(request, 'gpt-image-2', {
      learnt: readLearnt(
        new Map([[toLearntText(outputKey('openai', 'gpt-image-2', request)), { mean, calls: 99 }]]),
      ),
    });
  expect(after(100)).toBe(196);
  expect(after(400)).toBe(500);
});

test('an unknown model and an svg have none', () => {
  expect(boundOf({}, 'gpt-image-99')).toBe('unknown_model');
  expect(boundOf({ output_format: 'svg' }, 'gpt-image-2.5-flare')).toBe('svg');
});

test('is never below the estimate of any model, size, quality and picture', () => {
  const pictures = [
    { width: 1536, height: 1024 },
    { width: 640, height: 640 },
  ];
  for (const model of listModels())
    for (const quality of [...model.qualities, undefined])
      for (const size of ['auto', '1024x1024', '1536x1024', '1024x1536', undefined])
        for (const provider of ['azure', 'openai'] as const)
          for (const sources of [[], pictures]) {
            const request = { prompt: 'A small boat', size, quality, n: 3, partial_images: 1 };
            const at = { ...facts, provider, id: model.id };
            const output = boundOutputTokens(request, model, at) as number;
            const bound = boundCallMicros(request, model, output, sources, at);
            const { usd } = estimateCost(
              request.prompt,
              model,
              estimateOutputTokens(request, model, at),
              estimateSourceTokens(request, model, sources, at),
              estimateSvgMicros(request, at),
            );
            expect(bound).toBeGreaterThanOrEqual((usd ?? Number.NaN) * 1e6);
          }
});
