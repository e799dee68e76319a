/** The arithmetic of the pace: with any quota, no minute sees a start too many. */
import { paceOf } from '@kiln/shared/quota/pace';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const rpms = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.double({ min: 0.01, max: 1_000, noNaN: true }),
);
const minutes = fc.integer({ min: 100, max: 60_000 });

test('the starts of a minute fill it, even if the last makes up for a late first', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf({ rpm, ipm: null, tpm: null }, minuteMs);
      // Below one start a minute, that start must not come early.
      const starts = Math.max(1, rpm);
      expect(starts * intervalMs - catchUpMs).toBeGreaterThanOrEqual((starts * minuteMs) / rpm);
    }),
  );
});

test('a sixth of a minute sees at most a sixth of the quota, rounded up', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf({ rpm, ipm: null, tpm: null }, minuteMs);
      expect(Math.ceil(rpm / 6) * intervalMs - catchUpMs).toBeGreaterThanOrEqual(minuteMs / 6);
    }),
  );
});

test('at most a hundredth of the quota is lost', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf({ rpm, ipm: null, tpm: null }, minuteMs);
      expect(minuteMs / intervalMs).toBeGreaterThan(rpm * 0.99);
      expect(catchUpMs).toBeGreaterThan(0);
    }),
  );
});
