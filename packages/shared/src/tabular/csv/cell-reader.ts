/** Reads the cells of a CSV row by column, and names the columns as the file does. */
import { visibleName, type CsvColumn, type CsvColumns } from './column-names.ts';
import type { FieldLocation } from '../problems/describe-problems.ts';
import type { ColumnPlan } from './map-columns.ts';
import { isBlank } from './read-cells.ts';
import { truncate } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

export type Cells = readonly string[];

export interface CellReader {
  has(column: CsvColumn): boolean;
  /** The cell, unchanged; empty when the file has no such column. */
  cellOf(cells: Cells, column: CsvColumn): string;
  /** The cell without surrounding spaces. Such spaces have a meaning only in a prompt. */
  textOf(cells: Cells, column: CsvColumn): string;
  /** The name that the file writes, or `column 3` for a column without a name. */
  nameOf(column: CsvColumn | number): string;
  /** The column and the value that a field of the request came from. */
  locate(cells: Cells, param: string): FieldLocation;
}

export function createCellReader(
  columns: CsvColumns,
  { uses, known, metadata }: ColumnPlan,
  defaults: RawRequest,
): CellReader {
  const names = uses.map(({ name }, index) => truncate(visibleName(name)) || `column ${index + 1}`);
  const byParam = new Map<string, number>([
    ...Object.entries(known),
    // The column of a field may have another name than the field.
    ...columns.parameters.flatMap(({ column, field }) => {
      const index = known[column];
      return index === undefined ? [] : [[field, index] as const];
    }),
    ...metadata.map(({ index, key }) => [`metadata.${key}`, index] as const),
  ]);

  const cellOf = (cells: Cells, column: CsvColumn): string => {
    const index = known[column];
    return index === undefined ? '' : (cells[index] ?? '');
  };
  const nameOf = (column: CsvColumn | number): string => {
    const index = typeof column === 'number' ? column : known[column];
    return index === undefined ? String(column) : (names[index] ?? `column ${index + 1}`);
  };

  return {
    has: (column) => known[column] !== undefined,
    cellOf,
    textOf: (cells, column) => cellOf(cells, column).trim(),
    nameOf,
    locate(cells, param) {
      const [field = param] = param.split('.');
      // The cell of an object holds all of its members.
      const index = byParam.get(param) ?? byParam.get(field);
      const cell = index === undefined ? '' : (cells[index] ?? '');
      if (index !== undefined && !isBlank(cell))
        return { column: nameOf(index), name: nameOf(index), value: cell };
      if (Object.hasOwn(defaults, field))
        return { column: null, name: `${param} (in defaults)`, value: null };
      const name = index === undefined ? param : nameOf(index);
      return { column: index === undefined ? null : name, name, value: null };
    },
  };
}
