/** Estimates of when a job starts that has others before it. */
import { msUntilStart, type PoolPace } from '@kiln/shared/domain/start-times';
import { assert, integer, property, array, record } from 'fast-check';
import { describe, expect, test } from 'vitest';

const pool = (spacingMs: number, readyInMs: number | null = 0): PoolPace => ({
  spacingMs,
  readyInMs,
});

describe('one pool', () => {
  test('starts after the jobs ahead at its pace, once it is open', () => {
    expect(msUntilStart(0, [pool(10_000)])).toBe(0);
    expect(msUntilStart(3, [pool(10_000)])).toBe(30_000);
    expect(msUntilStart(3, [pool(10_000, 5_000)])).toBe(35_000);
    expect(msUntilStart(99_999, [pool(10_060)])).toBe(99_999 * 10_060);
  });

  test('has no known start while an operator has paused it, or without a pool', () => {
    expect(msUntilStart(0, [pool(10_000, null)])).toBeNull();
    expect(msUntilStart(0, [])).toBeNull();
  });
});

describe('several pools', () => {
  test('start jobs at the sum of their paces', () => {
    expect(msUntilStart(10, [pool(10_000), pool(10_000)])).toBe(50_000);
    expect(msUntilStart(100, [pool(1_000), pool(100_000)])).toBe(99_000);
  });

  test('a closed one takes part when it opens; a paused one does not', () => {
    expect(msUntilStart(4, [pool(10_000), pool(10_000, 35_000)])).toBe(35_000);
    expect(msUntilStart(4, [pool(10_000), pool(10_000, null)])).toBe(40_000);
  });

  test('each start is taken by the pool that is free first', () => {
    const pools = array(
      record({
        spacingMs: integer({ min: 1, max: 500 }),
        readyInMs: integer({ min: 0, max: 2_000 }),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    assert(
      property(integer({ min: 0, max: 60 }), pools, (ahead, paces) => {
        const next = paces.map(({ readyInMs }) => readyInMs);
        let last = 0;
        for (let start = 0; start <= ahead; start += 1) {
          const free = next.indexOf(Math.min(...next));
          last = next[free]!;
          next[free]! += paces[free]!.spacingMs;
        }
        expect(msUntilStart(ahead, paces)).toBe(last);
      }),
    );
  });
});
