/**
 * Where the columns of a CSV file are, what they are called in its words, and what stands in them.
 */
import type { CsvColumn } from './column-names.ts';
import type { FieldLocation } from '../problems/describe-problems.ts';
import type { ColumnPlan } from './map-columns.ts';
import { isBlank } from './read-cells.ts';
import { truncate } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

export type Cells = readonly string[];

export interface CellReader {
  has(column: CsvColumn): boolean;
  /** The cell as it is. */
  cellOf(cells: Cells, column: CsvColumn): string;
  /** Without spaces around it: nobody means them, but in a prompt. */
  textOf(cells: Cells, column: CsvColumn): string;
  /** A column as its file calls it; by its number where it has no name, or is not there. */
  nameOf(column: CsvColumn | number): string;
  /** Where the row has a field of its request. */
  locate(cells: Cells, param: string): FieldLocation;
}

export function createCellReader(
  { uses, own, metadata }: ColumnPlan,
  defaults: RawRequest,
): CellReader {
  const names = uses.map(({ name }, index) => truncate(name.trim()) || `column ${index + 1}`);
  const byParam = new Map<string, number>([
    ...Object.entries(own),
    ...metadata.map(({ index, key }) => [`metadata.${key}`, index] as const),
  ]);

  const cellOf = (cells: Cells, column: CsvColumn): string => {
    const index = own[column];
    return index === undefined ? '' : (cells[index] ?? '');
  };
  const nameOf = (column: CsvColumn | number): string => {
    const index = typeof column === 'number' ? column : own[column];
    return index === undefined ? String(column) : (names[index] ?? `column ${index + 1}`);
  };

  return {
    has: (column) => own[column] !== undefined,
    cellOf,
    textOf: (cells, column) => cellOf(cells, column).trim(),
    nameOf,
    locate(cells, param) {
      const index = byParam.get(param);
      const cell = index === undefined ? '' : (cells[index] ?? '');
      if (index !== undefined && !isBlank(cell))
        return { column: nameOf(index), name: nameOf(index), value: cell };
      const [field = param] = param.split('.');
      if (Object.hasOwn(defaults, field))
        return { column: null, name: `${param} (of the defaults)`, value: null };
      const name = index === undefined ? param : nameOf(index);
      return { column: index === undefined ? null : name, name, value: null };
    },
  };
}
