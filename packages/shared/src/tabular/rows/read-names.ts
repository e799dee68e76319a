/** Reads the file names of a CSV row: the pictures it refers to, and the name of its result. */
import type { CellReader, Cells } from '../csv/cell-reader.ts';
import type { TabularLimits } from '../limits.ts';
import type { CsvColumns } from '../csv/column-names.ts';
import { isFilename, readImages } from '../csv/read-cells.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { References } from '../table.ts';

export interface NameReader {
  references(cells: Cells, row: number, problems: RowProblem[]): References;
  filename(cells: Cells, row: number, problems: RowProblem[]): string | null;
}

export function createNameReader(
  columns: CsvColumns,
  reader: CellReader,
  limits: TabularLimits,
): NameReader {
  const pictures = columns.pictures.filter(({ column }) => reader.has(column));

  return {
    references(cells, row, problems) {
      const references: References = { images: [], mask: null, markup: null };
      for (const { column, field } of pictures) {
        const value = reader.textOf(cells, column);
        if (value === '') continue;
        const name = reader.nameOf(column);
        if (field === 'mask' || field === 'markup') {
          references[field] = value;
          if (references.images.length > 0) continue;
          const message =
            `${name}: received ${quote(value)}, but the row has no image; add an image, or ` +
            'empty this cell';
          problems.push(
            buildProblem('missing_required_parameter', message, { row, column: name, value }),
          );
          continue;
        }
        const images = readImages(value);
        const max = limits.images;
        references.images = images.slice(0, max);
        if (images.length <= max) continue;
        const message = `${name}: received ${images.length} images; at most ${max} are allowed`;
        problems.push(buildProblem('invalid_value', message, { row, column: name, value }));
      }
      return references;
    },
    filename(cells, row, problems) {
      const text = reader.textOf(cells, 'filename');
      if (text === '') return null;
      if (isFilename(text) && text.length <= limits.filenameCharacters) return text;
      const column = reader.nameOf('filename');
      const message =
        `${column}: received ${quote(text)}; it takes a file name without a folder, of at most ` +
        `${limits.filenameCharacters} characters`;
      problems.push(buildProblem('invalid_value', message, { row, column, value: text }));
      return null;
    },
  };
}
