/** When the schedule of a pool is postponed for late requests, and by how much. */
import { paceOf } from '@kiln/shared/quota/pace';
import { createPostponement } from '@kiln/shared/services/running/gate/postponement';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const minuteMs = 60_000;

/** A process that has taken a start of the pool. */
function openProcess(rpm: number) {
  const postponement = createPostponement(
    paceOf({ rpm, ipm: null, tpm: null }, minuteMs),
    minuteMs,
  );
  let next = 1_000;
  const take = (change: { byOthersMs?: number } = {}): void => {
    const owedMs = postponement.owedMs();
    const nextBeforeMs = next + (change.byOthersMs ?? 0);
    next = nextBeforeMs + owedMs + 100;
    postponement.noteReading({ nowMs: 0, nextBeforeMs, nextAfterMs: next }, owedMs);
  };
  return { postponement, take };
}

test('while a process is alone, late requests postpone nothing', () => {
  const { postponement, take } = openProcess(600);
  take();
  take();
  postponement.noteLate({ totalMs: postponement.totalMs() }, 300);
  expect(postponement.owedMs()).toBe(0);
});

test('beside another process the schedule is postponed by the latest request, once', () => {
  const { postponement, take } = openProcess(600);
  take();
  take({ byOthersMs: 100 });
  const start = { totalMs: postponement.totalMs() };
  for (const lateMs of [100, 300, 200]) postponement.noteLate(start, lateMs);
  // 600 a minute are 10 a second; their spacing leaves 7 ms, of which requests may use half.
  expect(postponement.owedMs()).toBeCloseTo(296.5);
  take();
  expect(postponement.owedMs()).toBe(0);
  postponement.noteLate(start, 310);
  expect(postponement.owedMs()).toBeCloseTo(10);
});

test('beside another process a late request is held back until the schedule was postponed', () => {
  const { postponement, take } = openProcess(600);
  take();
  const start = { totalMs: postponement.totalMs() };
  expect(postponement.mustPrecede(start, 300)).toBe(false);
  take({ byOthersMs: 100 });
  expect(postponement.mustPrecede(start, 3)).toBe(false);
  expect(postponement.mustPrecede(start, 300)).toBe(true);
  postponement.noteLate(start, 300);
  take();
  expect(postponement.mustPrecede(start, 300)).toBe(false);
  expect(postponement.mustPrecede(start, 310)).toBe(true);
});

test('a late request is reported however long a statement takes', () => {
  const { postponement, take } = openProcess(60);
  take();
  postponement.noteLate({ totalMs: 0 }, 53);
  vi.advanceTimersByTime(20_000);
  expect(postponement.owedMs()).toBeCloseTo(50);
});

test('a minute after the other process a process is alone again', () => {
  const { postponement, take } = openProcess(600);
  take();
  take({ byOthersMs: 100 });
  for (let second = 0; second < 70; second += 1) {
    vi.advanceTimersByTime(1_000);
    take();
  }
  postponement.noteLate({ totalMs: postponement.totalMs() }, 300);
  expect(postponement.owedMs()).toBe(0);
});

test('a process that is new to a pool allows for what others kept to themselves', () => {
  const { latestMs } = paceOf({ rpm: 600, ipm: null, tpm: null }, minuteMs);
  const { postponement, take } = openProcess(600);
  expect(postponement.owedMs()).toBe(latestMs);
  take();
  expect(postponement.owedMs()).toBe(0);
  vi.advanceTimersByTime(minuteMs);
  expect(postponement.owedMs()).toBe(latestMs);
});

test('where a slice holds one start, a late request always postpones the next one', () => {
  const { postponement, take } = openProcess(60);
  expect(postponement.owedMs()).toBe(0);
  take();
  postponement.noteLate({ totalMs: 0 }, 2);
  expect(postponement.owedMs()).toBe(0);
  postponement.noteLate({ totalMs: 0 }, 53);
  expect(postponement.owedMs()).toBeCloseTo(50);
});
