import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRetryHint } from '../../../../packages/shared/src/provider/faults/retry-hint.ts';

const nowMs = Date.parse('2026-11-21T12:00:00Z');
const dayMs = 86_400_000;

describe('headers', () => {
  test.each<[Record<string, string>, number | null]>([
    [{}, null],
    [{ 'retry-after': '9' }, 9_000],
    [{ 'Retry-After': ' 9 ' }, 9_000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': '0' }, null],
    [{ 'retry-after-ms': '0', 'retry-after': '20' }, 20_000],
    [{ 'x-ms-retry-after-ms': '2500' }, 2_500],
    [{ 'retry-after-ms': '900', 'x-ms-retry-after-ms': '2500', 'retry-after': '1' }, 2_500],
    [{ 'retry-after-ms': '1500.2' }, 1_501],
    // The seconds only round up the milliseconds.
    [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
    [{ 'retry-after-ms': '1500', 'retry-after': '20' }, 20_000],
    [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '172800' }, dayMs],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Saturday, 21-Nov-26 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, null],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '1e3' }, null],
    [{ 'retry-after': 'in about 5' }, null],
    [{ 'retry-after': '' }, null],
  ])('%o', (headers, waitMs) => {
    expect(readRetryHint(headers, '', nowMs)).toBe(waitMs);
  });
});

describe('text', () => {
  test.each([
    ['Please retry after 9 seconds.', 9_000],
    ['Please retry after 1 second', 1_000],
    ['Please retry after 86400 seconds.', dayMs],
    ['Rate limit reached for images. Please try again in 20s. Visit …', 20_000],
    ['Please try again in 6m0s.', 360_000],
    ['Please try again in 1m30.5s.', 90_500],
    ['Please try again in 250ms.', 250],
    ['Retry in 2 minutes and 5 seconds', 125_000],
    ['try again in 1h, 2m', 3_720_000],
    ['try again in 3 days', dayMs],
    ['Rate limit is exceeded. Try again in 8 seconds.', 8_000],
    ['Out of call volume quota. Quota will be replenished in 00:00:08.', 8_000],
    ['Quota will be replenished in 1.00:00:01', dayMs],
    ['Quota will be replenished in 08:12:05.', 29_525_000],
    ['Please wait 5 seconds before you retry', 5_000],
    ['The meeting was at 10:00:08', null],
    ['Please retry after 0 seconds', null],
    ['Please try again in a moment.', null],
    ['Please try again in 3 apples.', null],
    ['We retried 3 times in 5 seconds', null],
    ['', null],
  ])('%s', (text, waitMs) => {
    expect(readRetryHint({}, text, nowMs)).toBe(waitMs);
  });
});

test('the longer of header and text counts', () => {
  const text = 'Please retry after 10 seconds.';
  expect(readRetryHint({ 'retry-after': '3' }, text, nowMs)).toBe(10_000);
  expect(readRetryHint({ 'retry-after': '30' }, text, nowMs)).toBe(30_000);
  expect(readRetryHint({ 'retry-after-ms': '1500', 'retry-after': '30' }, text, nowMs)).toBe(
    30_000,
  );
});

test('a hint is a whole number of milliseconds up to a day, or null', () => {
  const amount = fc.oneof(fc.nat().map(String), fc.double().map(String), fc.string());
  const text = fc.oneof(
    fc.string(),
    fc
      .tuple(amount, fc.constantFrom('s', 'ms', ' seconds', 'h', ''))
      .map(([count, unit]) => `retry after ${count}${unit}`),
  );
  const headers = fc.dictionary(fc.constantFrom('retry-after', 'retry-after-ms'), amount);
  fc.assert(
    fc.property(headers, text, (sent, message) => {
      const waitMs = readRetryHint(sent, message, nowMs);
      if (waitMs === null) return;
      expect(Number.isSafeInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(dayMs);
    }),
    { numRuns: 2_000 },
  );
});
