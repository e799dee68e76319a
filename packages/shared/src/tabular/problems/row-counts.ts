/** The problems of a file with too many rows, too many empty ones, or none. */
import type { TabularLimits } from '../limits.ts';
import { buildProblem, type RowProblem } from './row-problem.ts';

export function tooManyRows(row: number, limits: TabularLimits): RowProblem {
  const message =
    `The file has more than ${limits.rows.toLocaleString('en')} rows, the most that a batch can ` +
    'have; split it into several files';
  return buildProblem('too_many_tasks', message, { row });
}

export function tooManyBlankRows(row: number, limits: TabularLimits): RowProblem {
  const message =
    `The file has more than ${limits.blankRows.toLocaleString('en')} empty rows; delete them, ` +
    'for example by copying the rows with values to a new sheet';
  return buildProblem('too_many_blank_rows', message, { row });
}

export function noRows(): RowProblem {
  return buildProblem('empty_file', 'The file has no rows; it needs a row for each job');
}
