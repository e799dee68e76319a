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
    const askedAtMs = performance.now();
    vi.advanceTimersByTime(tookMs);
    clock.note(askedAtMs + aheadMs, askedAtMs);
  }
  expect(clock.toLocalMs(aheadMs + 5_000)).toBeCloseTo(5_003);
});

test('a clock that is set back is followed within a minute', () => {
  const clock = createDatabaseClock();
  clock.note(performance.now() + aheadMs, performance.now());
  for (let second = 0; second < 65; second += 1) {
    vi.advanceTimersByTime(1_000);
    clock.note(performance.now() + aheadMs - 500, performance.now());
  }
  expect(clock.toLocalMs(aheadMs)).toBeCloseTo(500);
});

test('slow answers leave the time uncertain, and a fast one makes it certain', () => {
  const clock = createDatabaseClock();
  const read = (askingMs: number, answeringMs: number) => {
    const askedAtMs = performance.now();
    vi.advanceTimersByTime(askingMs);
    const readMs = performance.now() + aheadMs;
    vi.advanceTimersByTime(answeringMs);
    clock.note(readMs, askedAtMs);
  };
  expect(clock.isUnknown()).toBe(true);
  read(10, 300);
  expect(clock.uncertainMs()).toBeCloseTo(308);
  read(300, 20);
  expect(clock.uncertainMs()).toBeCloseTo(28);
  expect(clock.isUnknown()).toBe(true);
  read(1, 1);
  expect(clock.uncertainMs()).toBe(0);
  expect(clock.isUnknown()).toBe(false);
  vi.advanceTimersByTime(61_000);
  expect(clock.isUnknown()).toBe(true);
});
