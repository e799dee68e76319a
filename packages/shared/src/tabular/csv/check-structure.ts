/**
 * Finds problems in the structure of a CSV record: misplaced quotation marks, a wrong number of
 * cells, cells that are too long.
 */
import type { CellReader, Cells } from './cell-reader.ts';
import type { TabularLimits } from '../limits.ts';
import type { CsvRecord } from './parse-records.ts';
import { isBlank } from './read-cells.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';

/**
 * Reports a problem that makes it impossible to say which value belongs to which column. Such a
 * record is not checked further.
 */
export function checkStructure(
  { cells, strayQuote }: CsvRecord,
  width: number,
  row: number,
  reader: CellReader,
): RowProblem | undefined {
  if (strayQuote !== undefined) {
    const column = reader.nameOf(strayQuote);
    const message =
      `${column}: received text after the quotation mark that closes the cell; double a ` +
      'quotation mark inside a quoted cell, and close the cell right before the delimiter';
    return buildProblem('stray_quote', message, { row, column, value: cells[strayQuote] ?? null });
  }
  if (cells.length === width) return undefined;
  const hint =
    cells.length > width
      ? 'put a cell that contains the delimiter in quotation marks'
      : `the first missing cell is ${quote(reader.nameOf(cells.length))}`;
  const count = `${cells.length.toLocaleString('en')} ${cells.length === 1 ? 'cell' : 'cells'}`;
  const message = `The row has ${count} and the header row has ${width}; ${hint}`;
  return buildProblem('wrong_cell_count', message, {
    row,
    value: cells.slice(0, width + 1).join(' | '),
  });
}

/** @param unnamed indexes of the columns without a name, whose cells must be empty */
export function checkCells(
  cells: Cells,
  unnamed: readonly number[],
  row: number,
  reader: CellReader,
  limits: TabularLimits,
): RowProblem[] {
  const problems: RowProblem[] = [];
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? '';
    if (cell.length <= limits.cellCharacters) continue;
    const column = reader.nameOf(index);
    const message =
      `${column}: received ${cell.length.toLocaleString('en')} characters; at most ` +
      `${limits.cellCharacters.toLocaleString('en')} are allowed`;
    problems.push(buildProblem('cell_too_long', message, { row, column, value: cell }));
  }
  for (const index of unnamed) {
    const cell = cells[index] ?? '';
    if (isBlank(cell)) continue;
    const message =
      `Column ${index + 1} has a value, but no name in the header row; name the column, or ` +
      'empty the cell';
    problems.push(
      buildProblem('unnamed_column', message, { row, column: reader.nameOf(index), value: cell }),
    );
  }
  return problems;
}
