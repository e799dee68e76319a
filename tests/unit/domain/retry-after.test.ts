import { parseRetryAfterMs } from '@kiln/shared/domain/retry-after';
import { expect, test } from 'vitest';

const nowMs = Date.parse('2026-11-21T12:00:00Z');

test.each([
  ['120', 120_000],
  [' 9 ', 9_000],
  ['0', 0],
  ['1.5', 1_500],
  ['0.0001', 1],
  ['2027', 2_027_000],
  ['9'.repeat(400), Number.POSITIVE_INFINITY],
  ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
  ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['Sat, 99 Nov 2026 11:00:00 GMT', null],
  ['-1', null],
  ['soon', null],
  ['1e9', null],
  ['', null],
  [undefined, null],
])('%s', (header, expected) => expect(parseRetryAfterMs(header, nowMs)).toBe(expected));
