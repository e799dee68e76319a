/** The arithmetic of the pace: whatever the quota, no minute sees a start too many. */
import { paceOf } from '@kiln/shared/quota/pace';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const rpms = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.double({ min: 0.01, max: 1_000, noNaN: true }),
);
const minutes = fc.integer({ min: 100, max: 60_000 });

test('as many starts as a minute grants, the last of which makes up for a lateness of the first, fill a minute', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf(rpm, minuteMs);
      // Below one start a minute it is the single start that must not come early.
      const starts = Math.max(1, rpm);
      expect(starts * intervalMs - catchUpMs).toBeGreaterThanOrEqual((starts * minuteMs) / rpm);
    }),
  );
});

test('a slice of a sixth of the minute sees no more than its sixth of the quota, rounded up', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf(rpm, minuteMs);
      expect(Math.ceil(rpm / 6) * intervalMs - catchUpMs).toBeGreaterThanOrEqual(minuteMs / 6);
    }),
  );
});

test('no more than a hundredth of the quota is given away', () => {
  fc.assert(
    fc.property(rpms, minutes, (rpm, minuteMs) => {
      const { intervalMs, catchUpMs } = paceOf(rpm, minuteMs);
      expect(minuteMs / intervalMs).toBeGreaterThan(rpm * 0.99);
      expect(catchUpMs).toBeGreaterThan(0);
    }),
  );
});
