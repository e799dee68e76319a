/** Finds the row of a CSV file that has a certain byte, without knowing the encoding yet. */
import { readFirstBytes } from '../text/detect-encoding.ts';
import { slice, type OpenBytes } from '../text/open-bytes.ts';
import { delimiters, isAnnouncement } from './detect-delimiter.ts';
import { createRecordParser } from './read-records.ts';

const lookahead = 16;

/**
 * Counts the records before the byte: the header row is 0. The bytes of delimiters, quotation marks
 * and line ends are the same in all encodings but UTF-16.
 */
export async function locateRow(
  open: OpenBytes,
  offset: number,
  recordBytes: number,
): Promise<number> {
  const [firstLine = ''] = Buffer.from((await readFirstBytes(open)).bytes)
    .toString('latin1')
    .split(/\r|\n/, 1);
  const hasAnnouncement = isAnnouncement(firstLine);
  const delimiter = delimiters.toSorted(
    (one, other) => firstLine.split(other).length - firstLine.split(one).length,
  )[0];
  const parser = createRecordParser({ delimiter: delimiter ?? ',', recordBytes });
  const adjust = (records: number): number => Math.max(0, records - (hasAnnouncement ? 1 : 0));
  let records = 0;
  let position = 0;
  for await (const piece of slice(open())) {
    const before = piece.subarray(0, Math.max(0, offset - position));
    const batch = await parser.write(before);
    records += batch.records.length;
    position += piece.length;
    if (batch.fault) return adjust(records);
    if (position >= offset) break;
  }
  // The parser ends a record only when it has seen more than its line end.
  records += (await parser.write(Buffer.from('x'.repeat(lookahead)))).records.length;
  return adjust(records);
}
