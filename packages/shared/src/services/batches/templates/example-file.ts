/** `GET /v1/batches/template.csv`: a small file that a spreadsheet opens, to be filled in. */
import { byteOrderMark, csvLine } from '../../../tabular/csv/write-csv.ts';

const columns = ['custom_id', 'prompt', 'size', 'quality', 'n', 'output_format', 'filename'];
const rows = [
  ['boat', 'A small boat on a lake at dawn', '1024x1024', 'medium', '1', 'png', 'boat'],
  ['harbour', 'A harbour in the rain, watercolour', '1536x1024', 'medium', '1', 'png', 'harbour'],
];
/** The cells of these columns name files that come with the batch. */
const pictureColumns = ['image', 'mask'];
const pictures = [
  ['boat.png', ''],
  ['harbour.png', 'harbour-mask.png'],
];

/**
 * @param withMark begins with a byte order mark; without it, Excel assumes a regional encoding
 * @param withPictures the rows are edits
 */
export function writeExampleFile(withMark: boolean, withPictures: boolean): string {
  const header = withPictures ? [...columns, ...pictureColumns] : columns;
  const lines = rows.map((cells, index) =>
    csvLine(withPictures ? [...cells, ...(pictures[index] ?? [])] : cells),
  );
  return `${withMark ? byteOrderMark : ''}${csvLine(header)}${lines.join('')}`;
}
