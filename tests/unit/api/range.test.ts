/** `Range` parsing for any header and size: every returned range lies within the bytes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRange } from '../../../apps/api/src/requests/http-range.ts';

test.each<[string | undefined, number, ReturnType<typeof parseRange>]>([
  [undefined, 10, { status: 'whole' }],
  ['', 10, { status: 'whole' }],
  ['bytes=0-0', 10, { status: 'part', start: 0, end: 0 }],
  [' bytes=2-5 ', 10, { status: 'part', start: 2, end: 5 }],
  ['bytes=9-', 10, { status: 'part', start: 9, end: 9 }],
  ['bytes=-3', 10, { status: 'part', start: 7, end: 9 }],
  ['bytes=-30', 10, { status: 'part', start: 0, end: 9 }],
  ['bytes=5-99', 10, { status: 'part', start: 5, end: 9 }],
  ['bytes=10-', 10, { status: 'unsatisfiable' }],
  ['bytes=10-12', 10, { status: 'unsatisfiable' }],
  ['bytes=-0', 10, { status: 'unsatisfiable' }],
  ['bytes=0-', 0, { status: 'unsatisfiable' }],
  ['bytes=5-4', 10, { status: 'whole' }],
  ['bytes=0-1,3-4', 10, { status: 'whole' }],
  ['bytes=1.5-3', 10, { status: 'whole' }],
  ['bytes= 0-1', 10, { status: 'whole' }],
  ['bits=0-1', 10, { status: 'whole' }],
])('%s of %i bytes', (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});

test('a range is never empty and never beyond the bytes', () => {
  const bound = fc.oneof(
    fc.constant(''),
    fc.nat(200).map(String),
    fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
  );
  fc.assert(
    fc.property(bound, bound, fc.nat(100), (first, last, size) => {
      const range = parseRange(`bytes=${first}-${last}`, size);
      if (range.status !== 'part') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
  );
});
