import { createStagger } from '@kiln/shared/services/running/gate/stagger';
import { expect, test } from 'vitest';

const spread = { firstMs: 10_000, stepMs: 1_000, longestMs: 12_000 };
const inSeconds = (delayMs: number) => Math.round(delayMs / 1_000);

test('each delay is a step longer than the one before it, up to the longest', () => {
  const stagger = createStagger();
  const delays = Array.from({ length: 5 }, () => inSeconds(stagger.next(spread)));
  expect(delays).toEqual([10, 11, 12, 12, 12]);
});

test('after a reset the delays begin anew', () => {
  const stagger = createStagger();
  stagger.next(spread);
  stagger.next(spread);
  stagger.reset();
  expect(inSeconds(stagger.next(spread))).toBe(10);
});
