/** The log of sent requests: whatever is late, no slice of the quota sees a request too many. */
import { paceOf } from '@kiln/shared/quota/pace';
import { createStartLog } from '@kiln/shared/services/running/gate/start-log';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Lateness {
  /** How late each start is used, in ms. */
  lateMs: readonly number[];
  /** How long each request takes until it is written, in ms. */
  writingMs: readonly number[];
}

/** Sends a request for each start of an even schedule. Returns when they were written. */
function sendAll(rpm: number, count: number, { lateMs, writingMs }: Lateness): number[] {
  const pace = paceOf({ rpm, ipm: null, tpm: null }, 60_000);
  const log = createStartLog(pace);
  const beganAtMs = performance.now();
  const written: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const late = lateMs[index % lateMs.length] ?? 0;
    const dueAtMs = Math.max(beganAtMs + index * pace.intervalMs + late, log.earliestMs());
    vi.advanceTimersByTime(Math.max(0, dueAtMs - performance.now()));
    const request = log.send(dueAtMs);
    vi.advanceTimersByTime(writingMs[index % writingMs.length] ?? 0);
    log.written(request);
    written.push(performance.now());
  }
  return written;
}

/** The least time by which a slice is longer than it has to be. */
function roomOf(written: readonly number[], rpm: number): number {
  return Math.min(
    ...paceOf({ rpm, ipm: null, tpm: null }, 60_000).slices.flatMap(({ lengthMs, starts }) =>
      written.slice(starts).map((at, index) => at - (written[index] ?? 0) - lengthMs),
    ),
  );
}

test('no second, no ten seconds and no minute holds a request too many', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(6, 30, 60, 250, 600, 1_200),
      fc.array(
        fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 800 })),
        {
          minLength: 1,
          maxLength: 40,
        },
      ),
      fc.integer({ min: 0, max: 80 }),
      (rpm, lateMs, writing) => {
        const written = sendAll(rpm, Math.min(rpm * 2, 900), { lateMs, writingMs: [writing] });
        expect(roomOf(written, rpm)).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 60 },
  );
});

test('a late request moves no other one, and costs nothing of the quota', () => {
  const lateMs = Array.from({ length: 300 }, () => 0);
  lateMs[50] = 300;
  const even = sendAll(600, 300, { lateMs: [0], writingMs: [1] });
  const late = sendAll(600, 300, { lateMs, writingMs: [1] });
  const [length, lengthLate] = [even.at(-1)! - even[0]!, late.at(-1)! - late[0]!];
  expect(lengthLate - length).toBeLessThan(100);
});

test('after a stop of the process requests catch up a third faster than usual at most', () => {
  const lateMs = Array.from({ length: 100 }, (_, index) =>
    index >= 50 && index < 54 ? (54 - index) * 100 : 0,
  );
  const written = sendAll(600, 100, { lateMs, writingMs: [1] });
  const gaps = written.slice(1).map((at, index) => at - written[index]!);
  expect(Math.min(...gaps)).toBeGreaterThan(73);
  // Half of the stop is caught up, and no start is lost; full slices delay some of each second.
  expect(written.at(-1)! - written[0]!).toBeLessThan(99 * 100.6 + 200);
});

test('the slow first requests of a process do not widen its pace', () => {
  const log = createStartLog(paceOf({ rpm: 60, ipm: null, tpm: null }, 60_000));
  for (let index = 0; index < 60; index += 1) {
    const request = log.send(performance.now());
    vi.advanceTimersByTime(index < 5 ? 90 : 10);
    log.written(request);
  }
  expect(log.latenessMs()).toBe(0);
});

test('requests whose writing takes a varying time make the process allow for more', () => {
  const pace = paceOf({ rpm: 600, ipm: null, tpm: null }, 60_000);
  const log = createStartLog(pace);
  const send = (ms: number) => {
    const request = log.send(performance.now());
    vi.advanceTimersByTime(ms);
    log.written(request);
  };
  for (let index = 0; index < 50; index += 1) send(60);
  expect(log.latenessMs()).toBe(0);
  for (let index = 0; index < 50; index += 1) send(index % 2 === 0 ? 60 : 100);
  expect(log.latenessMs()).toBeCloseTo(40);
});
