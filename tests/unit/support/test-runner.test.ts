/** How the engines of a test file are chosen, and what `npm test` prints about its time. */
import { expect, test } from 'vitest';
import { describeTimings } from '../../../scripts/test/timings.ts';
import { bothEngines, oneEngine, readMatrix } from '../../support/engines/engine-matrix.ts';

test('a file whose subject is not the queue runs on one engine, always the same one', () => {
  const [even, odd] = ['tests/b.test.ts', 'tests/a.test.ts'].map((file) =>
    oneEngine(file, 'usual'),
  );
  expect([even, odd]).toEqual([['redis'], ['postgres']]);
  expect(oneEngine('/another/folder/b.test.ts', 'usual')).toEqual(even);
});

test('the whole matrix runs everything on both engines, the quick one on PostgreSQL', () => {
  expect(oneEngine('tests/a.test.ts', 'all')).toEqual(['postgres', 'redis']);
  expect(bothEngines('usual')).toEqual(['postgres', 'redis']);
  expect([oneEngine('tests/a.test.ts', 'quick'), bothEngines('quick')]).toEqual([
    ['postgres'],
    ['postgres'],
  ]);
});

test('an unknown matrix is refused', () => {
  expect(readMatrix('')).toBe('usual');
  expect(() => readMatrix('some')).toThrow(
    'KILN_TEST_MATRIX is "some"; it must be one of: usual, all, quick',
  );
});

test('the timings name each tier and the slowest files', () => {
  const files = [
    { tier: 'unit', file: 'a.test.ts', ms: 1_000, startedAtMs: 0 },
    { tier: 'unit', file: 'b.test.ts', ms: 1_500, startedAtMs: 250 },
    { tier: 'faults', file: 'c.test.ts', ms: 20_000, startedAtMs: 2_000 },
    { tier: 'faults', file: 'never-ran.test.ts', ms: 5, startedAtMs: null },
  ];
  expect(describeTimings(files).split('\n')).toEqual([
    'Seconds of each tier (from its first file to its last; the sum of its files):',
    '  unit             1.8 s     2.5 s',
    '  faults          20.0 s    20.0 s',
    'Slowest files:',
    '  faults          20.0 s  c.test.ts',
    '  unit             1.5 s  b.test.ts',
    '  unit             1.0 s  a.test.ts',
    '  faults           0.0 s  never-ran.test.ts',
  ]);
});
