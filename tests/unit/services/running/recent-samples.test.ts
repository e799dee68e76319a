/** The quantiles of the last measurements. */
import { createRecentSamples } from '@kiln/shared/services/running/gate/recent-samples';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('a quantile is that of the last measurements, sorted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 20 }), { minLength: 1, maxLength: 40 }),
      fc.constantFrom(0, 0.1, 0.5, 0.75, 0.99, 1),
      (all, share) => {
        const samples = createRecentSamples(10);
        for (const ms of all) samples.add(ms);
        const last = all.slice(-10).toSorted((one, other) => one - other);
        expect(samples.quantile(share)).toBe(last[Math.floor(share * (last.length - 1))]);
      },
    ),
  );
});

test('nothing is known before there are enough measurements, and after forgetting them', () => {
  const samples = createRecentSamples(10, 2);
  samples.add(5);
  expect(samples.quantile(1)).toBe(0);
  samples.add(7);
  expect(samples.quantile(1)).toBe(7);
  samples.forget();
  expect(samples.quantile(1)).toBe(0);
  samples.add(3);
  samples.add(4);
  expect(samples.quantile(1)).toBe(4);
});
