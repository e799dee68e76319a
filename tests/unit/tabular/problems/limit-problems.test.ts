/** A row with very many problems is recorded with a few of them. */
import { limitProblems } from '@kiln/shared/tabular/problems/limit-problems';
import { buildProblem } from '@kiln/shared/tabular/problems/row-problem';
import { expect, test } from 'vitest';

const rowProblem = (message: string) => buildProblem('invalid_value', message, { row: 1 });

test('a few problems stay as they are, in their order', () => {
  const few = [rowProblem('one'), buildProblem('unknown_column', 'two'), rowProblem('three')];
  expect(limitProblems(few)).toEqual(few);
  expect(limitProblems([])).toEqual([]);
});

test('of many, the last one says that there are more', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => rowProblem(`number ${index}`));
  const kept = limitProblems(many);
  expect(kept).toHaveLength(10);
  expect(kept[0]).toEqual(many[0]);
  expect(kept[9]?.message).toBe('number 9; the row has more problems');
});

test('long messages are fewer', () => {
  const long = Array.from({ length: 5 }, (_, index) => rowProblem(`${index}`.repeat(900)));
  const kept = limitProblems(long);
  expect(kept).toHaveLength(2);
  expect(kept[1]?.message).toMatch(/^1+; the row has more problems$/);
  expect(limitProblems([rowProblem('x'.repeat(3_000)), rowProblem('y')])).toHaveLength(1);
});

test('a problem of the whole file is not left out', () => {
  const many = Array.from({ length: 20 }, (_, index) => rowProblem(`${index}`));
  const ofFile = buildProblem('repeated_header', 'another header', { scope: 'file' });
  expect(limitProblems([...many, ofFile])[0]).toEqual(ofFile);
});
