import { createDatabaseClock } from '@kiln/shared/services/running/gate/database-clock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The database's clock is this far ahead. */
const aheadMs = 1_000_000;

test('a time is taken from the answer that came fastest, and is never too early', () => {
  const clock = createDatabaseClock();
  for (const tookMs of [20, 3, 50]) {
    const readMs = performance.now() + aheadMs;
    vi.advanceTimersByTime(tookMs);
    clock.note(readMs);
  }
  expect(clock.toLocalMs(aheadMs + 5_000)).toBeCloseTo(5_003);
});

test('a clock that is set back is followed within a minute', () => {
  const clock = createDatabaseClock();
  clock.note(performance.now() + aheadMs);
  for (let second = 0; second < 65; second += 1) {
    vi.advanceTimersByTime(1_000);
    clock.note(performance.now() + aheadMs - 500);
  }
  expect(clock.toLocalMs(aheadMs)).toBeCloseTo(500);
});
