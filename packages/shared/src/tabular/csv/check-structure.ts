/**
 * Mistakes in the shape of a CSV record: its quotation marks, the number of its cells, and their
 * length.
 */
import type { CellReader, Cells } from './cell-reader.ts';
import type { TabularLimits } from '../limits.ts';
import type { CsvRecord } from './parse-records.ts';
import { isBlank } from './read-cells.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';

/**
 * A record with one of these is not looked at any further: which value stands in which column
 * cannot be told.
 */
export function checkStructure(
  { cells, strayQuote }: CsvRecord,
  width: number,
  row: number,
  reader: CellReader,
): RowProblem | undefined {
  if (strayQuote !== undefined) {
    const column = reader.nameOf(strayQuote);
    const message = `${column}: text follows the quotation mark that closes the cell; write a quotation mark inside a quoted cell twice, and close the cell before the next delimiter`;
    return buildProblem('stray_quote', message, { row, column, value: cells[strayQuote] ?? null });
  }
  if (cells.length === width) return undefined;
  const hint =
    cells.length > width
      ? 'put a cell that holds the delimiter in quotation marks'
      : `the first that is missing is ${quote(reader.nameOf(cells.length))}`;
  const count = `${cells.length.toLocaleString('en')} ${cells.length === 1 ? 'cell' : 'cells'}`;
  const message = `The row has ${count}, the header row ${width}; ${hint}`;
  return buildProblem('wrong_cell_count', message, {
    row,
    value: cells.slice(0, width + 1).join(' | '),
  });
}

/** @param unnamed the columns without a name, which nothing may stand in */
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
    const message = `${column}: has ${cell.length.toLocaleString('en')} characters; at most ${limits.cellCharacters.toLocaleString('en')} are read`;
    problems.push(buildProblem('cell_too_long', message, { row, column, value: cell }));
  }
  for (const index of unnamed) {
    const cell = cells[index] ?? '';
    if (isBlank(cell)) continue;
    const message = `Column ${index + 1} has a value and no name in the header row; name it, or empty it`;
    problems.push(
      buildProblem('unnamed_column', message, { row, column: reader.nameOf(index), value: cell }),
    );
  }
  return problems;
}
