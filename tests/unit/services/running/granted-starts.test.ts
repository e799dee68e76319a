/** Starts that were granted ahead of time: which of them an interactive job takes over. */
import { createGrantedStarts } from '@kiln/shared/services/running/gate/granted-starts';
import { expect, test } from 'vitest';

const [interactive, bulk] = [0, 1];

/** The starts of bulk jobs that are due at these times. */
function grantBulk(...times: number[]) {
  const granted = createGrantedStarts();
  const starts = times.map((atMs) => ({ atMs, totalMs: 0 }));
  for (const start of starts) granted.add(start, bulk, 0);
  return { granted, starts, times: () => starts.map(({ atMs }) => atMs) };
}

test('an interactive job takes the first start it can prepare for, and the others move on', () => {
  const { granted, times } = grantBulk(10, 20, 30, 40);
  const own = { atMs: 50, totalMs: 3 };
  granted.add(own, interactive, 15);
  expect(own).toEqual({ atMs: 20, totalMs: 0 });
  expect(times()).toEqual([10, 30, 40, 50]);
});

test('a start moves with the postponement that it was granted under', () => {
  const { granted, starts } = grantBulk(10);
  granted.add({ atMs: 20, totalMs: 3 }, interactive, 0);
  expect(starts).toEqual([{ atMs: 20, totalMs: 3 }]);
});

test('neither a bulk job nor another interactive one is overtaken by its equal', () => {
  const { granted, times } = grantBulk(10, 20);
  const [first, second, third] = [30, 40, 50].map((atMs) => ({ atMs, totalMs: 0 }));
  granted.add(first!, interactive, 0);
  granted.add(second!, interactive, 0);
  granted.add(third!, bulk, 0);
  expect([first!.atMs, second!.atMs, ...times(), third!.atMs]).toEqual([10, 20, 30, 40, 50]);
});

test('a start that was used or given back is not taken over', () => {
  const { granted, starts, times } = grantBulk(10, 20);
  granted.remove(starts[0]!);
  const own = { atMs: 30, totalMs: 0 };
  granted.add(own, interactive, 0);
  expect([own.atMs, ...times()]).toEqual([20, 10, 30]);
});
