import { featherOf, findWholeRatio, ringOf } from '@kiln/shared/models/composite-rules';
import { expect, test } from 'vitest';

test.each([
  [[1024, 1024], [1024, 1024], 1, 1],
  [[512, 768], [1024, 1536], 2, 1],
  [[3072, 2048], [1536, 1024], 1, 2],
  [[4608, 3072], [1536, 1024], 1, 3],
  [[64, 64], [1024, 1024], 16, 1],
] as const)('%o becomes %o by a whole ratio', ([w, h], [toW, toH], enlargedBy, reducedBy) => {
  expect(findWholeRatio({ width: w, height: h }, { width: toW, height: toH })).toEqual({
    enlargedBy,
    reducedBy,
  });
});

test.each([
  [
    [1000, 1000],
    [1024, 1024],
  ],
  [
    [1024, 1024],
    [1536, 1024],
  ],
  [
    [1024, 1024],
    [1536, 1536],
  ],
  [
    [512, 512],
    [1024, 1023],
  ],
  [
    [32, 32],
    [1024, 1024],
  ],
  [
    [1025, 1024],
    [1024, 1024],
  ],
] as const)('%o does not become %o', ([w, h], [toW, toH]) => {
  expect(findWholeRatio({ width: w, height: h }, { width: toW, height: toH })).toBeNull();
});

test('feather and ring follow the size of the result', () => {
  expect(featherOf({ width: 1024, height: 1536 })).toBe(8);
  expect(featherOf({ width: 64, height: 64 })).toBe(2);
  expect(featherOf({ width: 16_384, height: 16_384 })).toBe(32);
  expect(ringOf({ width: 1024, height: 1024 })).toEqual({ from: 2, to: 34 });
});
