/**
 * Checks the structure of a CSV record: its quotation marks, its number of cells, their length.
 * Spreadsheets leave out the empty cells at the end of a row, or add more of them; such a row gets
 * the width of the header row. A row with more values than columns is a problem. So is a short one
 * whose prompt looks like the value of another column: a line end has probably split it.
 */
import { backgrounds, moderations, outputFormats, qualities } from '../../schemas/field-values.ts';
import type { CellReader, Cells } from './cell-reader.ts';
import type { CsvColumn } from './column-names.ts';
import type { TabularLimits } from '../limits.ts';
import type { ColumnPlan } from './map-columns.ts';
import type { CsvRecord } from './parse-records.ts';
import { isBlank, readSize, readWholeNumber } from './read-cells.ts';
import type { Notes } from '../problems/notes.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';

/**
 * Reports a problem that makes it impossible to say which value belongs to which column. Such a
 * record is not checked further.
 */
export function checkStructure(
  { cells, strayQuote }: CsvRecord,
  headerCells: number,
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
  if (cells.length === headerCells) return undefined;
  if (cells.length > headerCells) {
    const isExtra = cells.some((cell, index) => index >= headerCells && !isBlank(cell));
    if (!isExtra) return undefined;
    const hint = 'put a cell that contains the delimiter in quotation marks';
    return describeCount(cells, headerCells, row, hint);
  }
  if (!looksShifted(reader.textOf(cells, 'prompt'), reader)) return undefined;
  const hint =
    `the first missing cell is ${quote(reader.nameOf(cells.length))}, and the prompt looks like ` +
    'the value of another column; put a cell that contains a line end in ' +
    'quotation marks';
  return describeCount(cells, headerCells, row, hint);
}

function describeCount(cells: Cells, headerCells: number, row: number, hint: string): RowProblem {
  const count = `${cells.length.toLocaleString('en')} ${cells.length === 1 ? 'cell' : 'cells'}`;
  const message = `The row has ${count} and the header row has ${headerCells}; ${hint}`;
  return buildProblem('wrong_cell_count', message, {
    row,
    value: cells.slice(0, headerCells + 1).join(' | '),
  });
}

/** True if the prompt is a size, or nothing but a word that a column such as `quality` takes. */
function looksShifted(prompt: string, reader: CellReader): boolean {
  if (prompt.length > longestShifted) return false;
  if (reader.has('size') && /^\d+x\d+$/.test(readSize(prompt))) return true;
  return fixedValues.some(({ column, values }) => reader.has(column) && values.includes(prompt));
}

const longestShifted = 40;
const fixedValues: readonly { column: CsvColumn; values: readonly string[] }[] = [
  { column: 'quality', values: qualities },
  { column: 'background', values: backgrounds },
  { column: 'output_format', values: outputFormats },
  { column: 'moderation', values: moderations },
];

/**
 * Gives the row the width of the header row: missing cells become empty, and empty cells after the
 * last name are removed.
 */
export function fitCells(
  cells: string[],
  { uses, headerCells }: ColumnPlan,
  row: number,
  notes: Notes,
): void {
  const { length } = cells;
  if (length > headerCells)
    notes.add('extra_empty_cells', { row }, () => {
      const found = `The row has ${length.toLocaleString('en')} cells and the header row has`;
      return `${found} ${headerCells}; the last ones are empty and were ignored`;
    });
  while (cells.length > uses.length && isBlank(cells.at(-1) ?? '')) cells.pop();
  if (length >= uses.length) return;
  notes.add('missing_cells', { row }, () => {
    const found = `The row has ${length} cells and the header row has ${headerCells}`;
    return `${found}; the missing ones count as empty`;
  });
  while (cells.length < uses.length) cells.push('');
}

/** Cells of columns without a name must be empty. The first column may number the rows. */
export function checkCells(
  cells: Cells,
  { uses, unnamed }: ColumnPlan,
  row: number,
  reader: CellReader,
  limits: TabularLimits,
  notes: Notes,
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
  const checkUnnamed = (index: number): void => {
    const cell = cells[index] ?? '';
    if (isBlank(cell)) return;
    if (index === 0 && readWholeNumber(cell) !== undefined) {
      notes.add(
        'index_column',
        { row },
        () => 'The first column has no name and numbers the rows, as pandas does; it is dropped',
      );
      return;
    }
    const message =
      `Column ${index + 1} has a value, but no name in the header row; name the column, or ` +
      'empty the cell';
    problems.push(
      buildProblem('unnamed_column', message, { row, column: reader.nameOf(index), value: cell }),
    );
  };
  for (const index of unnamed) checkUnnamed(index);
  for (let index = uses.length; index < cells.length; index += 1) checkUnnamed(index);
  return problems;
}
