import { toMicros, toUsd } from '@kiln/shared/domain/money';
import { expect, test } from 'vitest';

test('dollars are counted in whole micro-dollars, and shown with six decimals', () => {
  expect([toMicros(0.1 + 0.2), toMicros(1.234_567_4), toMicros(null)]).toEqual([
    300_000,
    1_234_567,
    null,
  ]);
  expect([toUsd(300_000), toUsd(1), toUsd(null)]).toEqual([0.3, 0.000_001, null]);
});
