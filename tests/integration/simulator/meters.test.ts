/** The simulator as a strict referee of images and tokens a minute. */
import { expect, test } from 'vitest';
import { createMeters } from '../../../apps/simulator/src/meters.ts';
import { readError, startSimulator } from './support.ts';

const limits = { ipm: 5, tpm: 1_000, minuteMs: 60_000, toleranceMs: 0 };
const small = { images: 1, tokens: 100 };

test('no minute holds more images or tokens than the limit', () => {
  const meters = createMeters();
  const take = (at: number, weight: typeof small) => {
    const refusal = meters.check('', at, limits, weight);
    if (refusal === null) meters.take('', at, weight);
    return refusal;
  };
  for (const at of [0, 12_000, 24_000, 36_000]) expect(take(at, small)).toBeNull();
  expect(take(48_000, { images: 4, tokens: 400 })).toEqual({
    meter: 'images',
    limit: 5,
    used: 4,
    requested: 4,
    waitMs: 36_000,
  });
  expect(take(59_999, { images: 1, tokens: 601 })).toMatchObject({ meter: 'tokens', waitMs: 1 });
  expect(take(60_000, { images: 1, tokens: 601 })).toBeNull();
  expect(meters.read('', 60_000, limits)).toEqual({
    images: { limit: 5, remaining: 1, resetMs: 60_000 },
    tokens: { limit: 1_000, remaining: 99, resetMs: 60_000 },
  });
  expect(meters.check('other', 60_000, limits, { images: 5, tokens: 1_000 })).toBeNull();
});

test('OpenAI’s face refuses by meter, with its own words and headers', async () => {
  const { generate, ledger } = await startSimulator({ ipm: 3, tpm: 5_000, rpm: 60 });
  const fox = { prompt: 'a fox', quality: 'low', n: 2 };
  const first = await generate(fox);
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-limit-images': '3',
    'x-ratelimit-remaining-images': '1',
    'x-ratelimit-reset-images': '1m0s',
    'x-ratelimit-limit-tokens': '5000',
    'x-ratelimit-remaining-tokens': String(5_000 - (await usageOf(first))),
  });
  const refused = await generate(fox);
  expect(refused.headers.get('x-ratelimit-remaining-images')).toBe('1');
  expect(await readError(refused)).toMatchObject({
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'images',
    message: expect.stringContaining('(IPM): Limit 3, Used 2, Requested 2.') as unknown,
  });
  expect((await generate({ ...fox, n: 1, quality: 'high' })).status).toBe(429);
  expect((await generate({ ...fox, n: 99 })).status).toBe(400);
  expect((await ledger()).counters).toMatchObject({ max_images_per_minute: 2 });
});

test('Azure’s face has its own words, and its reset is a number of seconds', async () => {
  const { generate } = await startSimulator({ ipm: 1 });
  const fox = { prompt: 'a fox', quality: 'low' };
  const first = await generate(fox, { face: 'azure' });
  expect(first.headers.get('x-ratelimit-remaining-images')).toBe('0');
  expect(first.headers.get('x-ratelimit-reset-images')).toBe('60');
  expect(await readError(await generate(fox, { face: 'azure' }))).toMatchObject({ code: '429' });
});

async function usageOf(response: Response): Promise<number> {
  return ((await response.json()) as { usage: { total_tokens: number } }).usage.total_tokens;
}
