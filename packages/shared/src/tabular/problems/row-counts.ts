/** What is wrong with a file of too many rows, or of none. */
import type { TabularLimits } from '../limits.ts';
import { buildProblem, type RowProblem } from './row-problem.ts';

export function tooManyRows(row: number, limits: TabularLimits): RowProblem {
  const message = `The file has more than ${limits.rows.toLocaleString('en')} rows, which is what a batch can have; split it`;
  return buildProblem('too_many_tasks', message, { row });
}

export function noRows(): RowProblem {
  return buildProblem('empty_file', 'The file has no rows');
}
