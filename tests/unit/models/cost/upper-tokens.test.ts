import { expect, test } from 'vitest';
import { estimateOutputTokens } from '@kiln/shared/models/cost/image-tokens';
import {
  nothingLearnt,
  outputKey,
  readLearnt,
  toLearntText,
} from '@kiln/shared/models/cost/learnt-tokens';
import { upperTokensOf } from '@kiln/shared/models/cost/upper-tokens';
import { listModels } from '@kiln/shared/models/model-table';

const facts = {
  model: 'gpt-image-2',
  provider: 'openai',
  pictures: [],
  learnt: nothingLearnt,
} as const;
const request = { prompt: 'A boat', size: '1024x1024', quality: 'low', n: 2 } as const;

test('counts the prompt, the source pictures and all images', () => {
  expect(upperTokensOf(request, facts)).toBe(3 + 2 * 196);
  const pictures = [{ width: 1024, height: 1024 }, null];
  expect(upperTokensOf(request, { ...facts, pictures })).toBe(3 + 1024 + 1536 + 2 * 196);
  expect(upperTokensOf(request, { ...facts, partialImages: 3 })).toBe(3 + 300 + 2 * 196);
});

test('takes the most that the provider may choose for open fields', () => {
  // The largest of the three sizes in high quality: a square of gpt-image-2 is billed 7,024 tokens.
  expect(upperTokensOf({ prompt: 'A boat' }, facts)).toBe(3 + 7024);
  expect(upperTokensOf({ prompt: 'A boat' }, { ...facts, model: 'gpt-image-99' })).toBe(3 + 7024);
  expect(upperTokensOf({ prompt: 'A boat' }, { ...facts, model: 'gpt-image-1.5' })).toBe(3 + 6240);
});

test('follows what calls were billed, once there were enough of them', () => {
  const learntFrom = (calls: number, mean: number) =>
    readLearnt(
      new Map([[toLearntText(outputKey('openai', 'gpt-image-2', request)), { mean, calls }]]),
    );
  const upperOf = (calls: number, mean: number) =>
    upperTokensOf(request, { ...facts, learnt: learntFrom(calls, mean) });
  expect(upperOf(1, 100)).toBe(3 + 2 * 196);
  expect(upperOf(1, 400)).toBe(3 + 2 * 500);
  expect(upperOf(20, 100)).toBe(3 + 2 * 125);
});

test('is never below the estimate of any model, size and quality', () => {
  for (const model of listModels())
    for (const quality of [...model.qualities, undefined])
      for (const size of ['auto', '1024x1024', '1536x1024', '1024x1536'])
        for (const provider of ['azure', 'openai'] as const) {
          const asked = { prompt: '', size, quality, n: 3, partial_images: 1 };
          const estimate = estimateOutputTokens(asked, model, {
            provider,
            learnt: nothingLearnt,
          });
          const upper = upperTokensOf(asked, { ...facts, model: model.id, provider });
          expect(upper).toBeGreaterThanOrEqual(estimate?.tokens ?? Number.NaN);
        }
});
