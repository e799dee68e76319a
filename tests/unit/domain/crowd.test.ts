/** How long a pool takes for a queue, from what its jobs weigh together. */
import { addCrowds, crowdOfJob, noCrowd, spacingAmong } from '@kiln/shared/domain/crowd';
import { expect, test } from 'vitest';

const minuteMs = 60_000;
const crowdOf = (...weights: [images: number, tokens: number][]) =>
  addCrowds(weights.map(([images, tokens]) => crowdOfJob({ images, tokens })));
const pool = (ipm: number | null, tpm: number | null, spacingMs = 0) => ({
  spacingMs,
  ipm,
  imageMs: ipm === null ? null : minuteMs / ipm,
  tokenMs: tpm === null ? null : minuteMs / tpm,
});

test.each([
  ['requests only', pool(null, null, 10_000), crowdOf([4, 9_000]), 10_000],
  ['an empty queue', pool(6, null, 1_000), noCrowd, 1_000],
  ['one image each', pool(6, null), crowdOf([1, 0], [1, 0]), 10_000],
  ['three images each', pool(6, null), crowdOf([3, 0], [3, 0]), 30_000],
  ['a minute that leaves one image over', pool(5, null), crowdOf([2, 0], [2, 0]), 30_000],
  ['tokens', pool(null, 6_000), crowdOf([1, 100], [1, 300]), 2_000],
  ['the tightest of three meters', pool(60, 600, 3_000), crowdOf([2, 40]), 4_000],
])('%s', (_, meters, crowd, spacingMs) => {
  expect(spacingAmong(meters, crowd)).toBeCloseTo(spacingMs, 5);
});

test('different jobs leave some room of each minute unused', () => {
  const mixed = crowdOf([1, 0], [2, 0], [3, 0], [4, 0]);
  const even = 2.5 * (minuteMs / 20);
  expect(spacingAmong(pool(20, null), mixed)).toBeGreaterThan(even * 1.05);
  expect(spacingAmong(pool(20, null), mixed)).toBeLessThan(even * 1.1);
});
