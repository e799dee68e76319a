/** The parts in which a long object is uploaded: S3 takes 10,000 of them. */
import { partSizeOf } from '@kiln/shared/storage/put-in-parts';
import { expect, test } from 'vitest';

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];

test.each([
  ['of unknown length', 0, 12 * mebibyte],
  ['of 100 GiB', 100 * gibibyte, 12 * mebibyte],
  ['of a batch with 100,000 pictures of 2 MB', 270 * gibibyte, 31 * mebibyte],
])('an object %s', (_what, bytes, size) => {
  expect(partSizeOf(bytes)).toBe(size);
});

test.each([1, 12, 117, 118, 500, 5_000])(
  'an object of %i GiB fits into 10,000 parts, also if it is a tenth longer',
  (gibibytes) => {
    const bytes = gibibytes * gibibyte;
    expect(Math.ceil((bytes * 1.1) / partSizeOf(bytes))).toBeLessThanOrEqual(10_000);
  },
);
