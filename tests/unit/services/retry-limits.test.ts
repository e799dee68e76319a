/** What a step waits for instead of failing. */
import { expect, test } from 'vitest';
import { isUnavailable } from '@kiln/shared/services/retry-limits';

test.each([
  ['a deadlock', '40P01', true],
  ['a conflict of order', '40001', true],
  ['a lost connection', '08006', true],
  ['a refused value', '23514', false],
])('%s (%s): %s', (_name, code, expected) => {
  expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(expected);
});
