/**
 * Finds a header row among the rows. Files that were joined by `cat` have one, and as a row it
 * would be sent as a prompt and paid for.
 */
import { buildProblem, type RowProblem } from '../problems/row-problem.ts';
import type { Cells } from './cell-reader.ts';
import { normaliseName, type CsvColumns } from './column-names.ts';
import type { ColumnPlan } from './map-columns.ts';
import { isBlank } from './read-cells.ts';

/** No name of a column that Kiln knows is as long as this. */
const longestName = 100;

/** Returns a function that describes a row of column names, and returns undefined for any other. */
export function createHeaderCheck(
  columns: CsvColumns,
  { uses, known }: ColumnPlan,
): (cells: Cells, row: number) => RowProblem | undefined {
  const names = uses.map(({ name }) => normaliseName(name));
  const own = new Set(names.filter((name) => name !== ''));
  const promptName = known.prompt === undefined ? undefined : names[known.prompt];

  const isName = (name: string): boolean =>
    own.has(name) || columns.findNormalised(name) !== undefined;
  /** A row without the name of the prompt is no header, unless the file has no such column. */
  const isPrompt = (name: string): boolean =>
    promptName === undefined ||
    name === promptName ||
    columns.findNormalised(name)?.column === 'prompt';

  return (cells, row) => {
    let isAnyPrompt = false;
    let isSame = true;
    for (const [index, cell] of cells.entries()) {
      if (isBlank(cell)) continue;
      if (cell.length > longestName) return undefined;
      const name = normaliseName(cell);
      if (!isName(name)) return undefined;
      isAnyPrompt ||= isPrompt(name);
      isSame &&= name === names[index];
    }
    if (!isAnyPrompt) return undefined;
    const value = cells.join(' | ');
    if (isSame) {
      const message =
        'The row repeats the header row, as when several files are joined; delete this row';
      return buildProblem('repeated_header', message, { row, value });
    }
    const message =
      'The row is another header row, as when several files are joined, and its columns differ ' +
      'from those of the first; upload each file by itself';
    // The rows after it belong to other columns, so they must not run either.
    return buildProblem('repeated_header', message, { row, value, scope: 'file' });
  };
}
