/** The names of files in a CSV row: of the images it refers to, and of what it makes. */
import type { CellReader, Cells } from '../csv/cell-reader.ts';
import type { TabularLimits } from '../limits.ts';
import { isFilename, readImages } from '../csv/read-cells.ts';
import { buildProblem, quote, type RowProblem } from '../problems/row-problem.ts';
import type { References } from '../table.ts';

export interface NameReader {
  references(cells: Cells, row: number, problems: RowProblem[]): References;
  filename(cells: Cells, row: number, problems: RowProblem[]): string | null;
}

export function createNameReader(reader: CellReader, limits: TabularLimits): NameReader {
  return {
    references(cells, row, problems) {
      const named = reader.textOf(cells, 'image');
      const images = named === '' ? [] : readImages(named);
      const mask = reader.textOf(cells, 'mask');
      if (images.length > limits.images) {
        const column = reader.nameOf('image');
        const message = `${column}: names ${images.length} images; at most ${limits.images} are allowed`;
        const value = reader.textOf(cells, 'image');
        problems.push(buildProblem('invalid_value', message, { row, column, value }));
      }
      if (mask !== '' && images.length === 0) {
        const column = reader.nameOf('mask');
        const message = `${column}: there is a mask, and no image it belongs to`;
        problems.push(
          buildProblem('missing_required_parameter', message, { row, column, value: mask }),
        );
      }
      return {
        images: images.slice(0, limits.images),
        mask: mask === '' ? null : mask,
        markup: null,
      };
    },
    filename(cells, row, problems) {
      const text = reader.textOf(cells, 'filename');
      if (text === '') return null;
      if (isFilename(text) && text.length <= limits.filenameCharacters) return text;
      const column = reader.nameOf('filename');
      const message = `${column}: received ${quote(text)}; it takes a file name of at most ${limits.filenameCharacters} characters, without a folder`;
      problems.push(buildProblem('invalid_value', message, { row, column, value: text }));
      return null;
    },
  };
}
