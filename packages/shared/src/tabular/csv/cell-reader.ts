/**
 * Where the columns of a CSV file are, what they are called in its words, and what stands in them.
 */
import type { OurColumn } from './column-names.ts';
import type { FieldPlace } from '../problems/describe-problems.ts';
import type { ColumnPlan } from './map-columns.ts';
import { isBlank } from './read-cells.ts';
import { cut } from '../problems/row-problem.ts';
import type { RawRequest } from '../table.ts';

export type Cells = readonly string[];

export interface CellReader {
  has(column: OurColumn): boolean;
  /** The cell as it is. */
  cellOf(cells: Cells, column: OurColumn): string;
  /** Without spaces around it: nobody means them, but in a prompt. */
  textOf(cells: Cells, column: OurColumn): string;
  /** A column as its file calls it; by its number where it has no name, or is not there. */
  nameOf(column: OurColumn | number): string;
  /** Where the row has a field of its request. */
  locate(cells: Cells, param: string): FieldPlace;
}

export function createCellReader(
  { uses, own, metadata }: ColumnPlan,
  defaults: RawRequest,
): CellReader {
  const names = uses.map(({ name }, index) => cut(name.trim()) || `column ${index + 1}`);
  const byParam = new Map<string, number>([
    ...Object.entries(own),
    ...metadata.map(({ index, key }) => [`metadata.${key}`, index] as const),
  ]);

  const cellOf = (cells: Cells, column: OurColumn): string => {
    const index = own[column];
    return index === undefined ? '' : (cells[index] ?? '');
  };
  const nameOf = (column: OurColumn | number): string => {
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
