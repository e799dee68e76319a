/** The arithmetic of the pace: with any quota, no slice of a minute sees a start too many. */
import { paceOf, sliceSpanMs, spacingOf } from '@kiln/shared/quota/pace';
import { slicesOf } from '@kiln/shared/quota/slices';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const rpms = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.double({ min: 0.01, max: 1_000, noNaN: true }),
);
const quotaOf = (rpm: number) => ({ rpm, ipm: null, tpm: null });
const minutes = fc.integer({ min: 100, max: 60_000 });

test('a second holds a sixtieth of the quota and ten seconds a sixth, rounded up', () => {
  expect(slicesOf(250, 60_000)).toMatchObject([
    { lengthMs: 1_000, starts: 5 },
    { lengthMs: 10_000, starts: 42 },
    { lengthMs: 60_000, starts: 250 },
  ]);
});

test('evenly spaced starts fill no slice before the time it needs', () => {
  fc.assert(
    fc.property(
      rpms,
      minutes,
      fc.double({ min: 0, max: 50, noNaN: true }),
      (rpm, minuteMs, late) => {
        const pace = paceOf(quotaOf(rpm), minuteMs);
        const spacing = spacingOf(pace, late);
        // A start that was not taken in time may be followed by the next one this much sooner.
        const early = pace.tightest.starts === 1 ? pace.catchUpMs : 0;
        for (const slice of pace.slices) {
          expect(slice.starts * spacing - early).toBeGreaterThanOrEqual(slice.lengthMs);
          expect(sliceSpanMs(slice, late)).toBeGreaterThan(slice.lengthMs);
          expect(slice.starts * spacing).toBeGreaterThanOrEqual(sliceSpanMs(slice, late) - 1e-6);
        }
      },
    ),
  );
});

test('at most a hundredth of the quota is lost up to 600 a minute, and a fortieth above', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const pace = paceOf(quotaOf(rpm), minuteMs);
      expect(minuteMs / spacingOf(pace, 0)).toBeGreaterThan(rpm * (rpm <= 600 ? 0.99 : 0.974));
      expect(pace.catchUpMs).toBeGreaterThan(0);
      expect(pace.catchUpMs).toBeLessThan(pace.latestMs);
    }),
  );
});

test('requests that are late by 10 ms at times cost a hundredth of a second more', () => {
  expect(spacingOf(paceOf(quotaOf(600), 60_000), 10)).toBeCloseTo(101.7);
  expect(spacingOf(paceOf(quotaOf(6), 60_000), 10)).toBeCloseTo(10_060);
});
