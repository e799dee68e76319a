import { limitWarnings } from '@kiln/shared/logger';
import { expect, test } from 'vitest';

const aDayMs = 86_400_000;

test('warnings of an outage are passed on one at a time, with the number left out', () => {
  const passed: [unknown, string][] = [];
  const log = { warn: (fields: unknown, message: string) => void passed.push([fields, message]) };
  const limited = limitWarnings(log, aDayMs);
  limited.warn({ queue: 'a' }, 'the first');
  limited.warn({ queue: 'b' }, 'left out');
  expect(passed).toEqual([[{ queue: 'a' }, 'the first']]);

  const unlimited = limitWarnings(log, 0);
  unlimited.warn({}, 'one');
  unlimited.warn({}, 'two');
  expect(passed.slice(1).map(([, message]) => message)).toEqual(['one', 'two']);
});
