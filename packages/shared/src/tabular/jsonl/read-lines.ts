/**
 * Splits bytes into lines of a limited length, all lines of one chunk at a time. Only the start of
 * a longer line is kept, and the next line is read as usual. Lines without a character but spaces
 * are counted and not kept, because a file may have very many of them.
 */

export interface Line {
  /** Counted from 1, including blank lines. */
  number: number;
  /** The line without its line end, or the start of a line that is too long. */
  bytes: Uint8Array;
  isTooLong: boolean;
}

export interface LineBatch {
  lines: Line[];
  /** Blank lines that ended in this chunk. */
  blankLines: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  lineBytes: number,
): AsyncGenerator<LineBatch> {
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  let number = 0;
  let batch: LineBatch = { lines: [], blankLines: 0 };

  const hold = (part: Uint8Array): void => {
    // Keep one byte more than is allowed, to know that the line is too long.
    const kept = part.subarray(0, Math.max(0, lineBytes + 1 - bufferedBytes));
    if (kept.length === 0) return;
    buffered.push(kept);
    bufferedBytes += kept.length;
  };
  const finish = (): void => {
    const [only = new Uint8Array()] = buffered;
    const bytes = buffered.length > 1 ? Buffer.concat(buffered) : only;
    buffered = [];
    bufferedBytes = 0;
    number += 1;
    if (isBlank(bytes)) {
      batch.blankLines += 1;
      return;
    }
    const isTooLong = bytes.length > lineBytes;
    const line = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
    batch.lines.push({ number, bytes: line, isTooLong });
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      hold(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    hold(chunk.subarray(start));
    yield batch;
    batch = { lines: [], blankLines: 0 };
  }
  if (bufferedBytes > 0) {
    finish();
    yield batch;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if (byte !== space && byte !== tab && byte !== carriageReturn) return false;
  return true;
}
