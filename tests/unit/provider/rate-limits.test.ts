/** The headers in which a provider reports its limits: its forms, and values that make no sense. */
import { compareLimits } from '@kiln/shared/domain/reported-limits';
import { readRateLimits } from '@kiln/shared/provider/rate-limits';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const resetOf = (text: string) =>
  readRateLimits({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text })
    ?.requests?.resetMs;

test('OpenAI reports requests, images and tokens', () => {
  expect(
    readRateLimits({
      'content-type': 'application/json',
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-limit-images': '50',
      'x-ratelimit-limit-tokens': '800000',
      'x-ratelimit-remaining-requests': '499',
      'x-ratelimit-remaining-images': '0',
      'x-ratelimit-remaining-tokens': '792976',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-reset-images': '1m30s',
      'x-ratelimit-reset-tokens': '0s',
    }),
  ).toEqual({
    requests: { limit: 500, remaining: 499, resetMs: 120 },
    images: { limit: 50, remaining: 0, resetMs: 90_000 },
    tokens: { limit: 800_000, remaining: 792_976, resetMs: 0 },
  });
});

test('Azure reports numbers, and only some of the headers', () => {
  expect(
    readRateLimits({
      'x-ratelimit-remaining-requests': '5',
      'x-rate-limit-reset-tokens': '55',
    }),
  ).toEqual({
    requests: { limit: null, remaining: 5, resetMs: null },
    tokens: { limit: null, remaining: null, resetMs: 55_000 },
  });
});

test.each([
  ['8.64s', 8_640],
  ['6m0s', 360_000],
  ['1h2m3s', 3_723_000],
  ['0.5', 500],
  ['12', 12_000],
  ['1d', 86_400_000],
  ['2d', null],
  ['1764460800', null],
  ['-1', null],
  ['soon', null],
  ['12 s', null],
  ['1e9', null],
  ['', null],
  ['9'.repeat(400), null],
])('a reset of "%s" is %s ms', (text, ms) => {
  expect(resetOf(text)).toBe(ms);
});

test.each([
  ['-1', null],
  ['1e5', null],
  ['NaN', null],
  ['99999999999999999999', null],
  ['0', null],
  ['12.0', 12],
])('a limit of "%s" is %s', (text, limit) => {
  const reported = readRateLimits({
    'x-ratelimit-limit-requests': text,
    'x-ratelimit-remaining-requests': '0',
  });
  expect(reported?.requests?.limit).toBe(limit);
});

test('more remaining than the limit is not believed', () => {
  expect(
    readRateLimits({ 'x-ratelimit-limit-images': '5', 'x-ratelimit-remaining-images': '7' }),
  ).toEqual({ images: { limit: 5, remaining: null, resetMs: null } });
});

test('an answer without these headers reports nothing, whatever it has else', () => {
  expect(readRateLimits({ 'x-ratelimit-limit-cows': '5', 'retry-after': '3' })).toBeNull();
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (headers) => {
      readRateLimits({ ...headers, 'x-ratelimit-reset-tokens': headers['a'] ?? '' });
    }),
  );
});

describe('the configuration and the provider', () => {
  const quota = { rpm: 6, ipm: null, tpm: null };
  const limits = (meter: string, limit: number | null) => ({ [meter]: { limit } });

  test.each([
    ['agree', quota, limits('requests', 6), []],
    ['cannot be compared', quota, limits('requests', null), []],
    [
      'differ: quota is left unused',
      quota,
      limits('requests', 12),
      ['6 of 12 requests a minute are used: raise rpm to use them all'],
    ],
    [
      'differ: calls will be refused',
      { ...quota, ipm: 20 },
      limits('images', 5),
      ['ipm is 20, but the provider grants 5 images a minute: it refuses the calls beyond that'],
    ],
    [
      'differ: the provider counts what the pool does not',
      { ...quota, rpm: 60 },
      limits('images', 5),
      ['the provider grants 5 images a minute, and the pool has no ipm'],
    ],
    ['need no second meter', quota, limits('tokens', 100_000), []],
  ])('%s', (_, configured, reported, warnings) => {
    expect(compareLimits(configured, reported)).toEqual(warnings);
  });
});
