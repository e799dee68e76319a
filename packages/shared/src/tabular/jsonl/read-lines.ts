/**
 * Splits bytes into lines of a limited length. Only the start of a longer line is kept, and the
 * next line is read as usual.
 */

export interface Line {
  /** Counted from 1. */
  number: number;
  /** The line without its line end, or the start of a line that is too long. */
  bytes: Uint8Array;
  isTooLong: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  lineBytes: number,
): AsyncGenerator<Line> {
  let buffered: Uint8Array[] = [];
  let bufferedBytes = 0;
  let number = 0;

  const hold = (part: Uint8Array): void => {
    // Keep one byte more than is allowed, to know that the line is too long.
    const kept = part.subarray(0, Math.max(0, lineBytes + 1 - bufferedBytes));
    if (kept.length === 0) return;
    buffered.push(kept);
    bufferedBytes += kept.length;
  };
  const finish = (): Line => {
    const [only = new Uint8Array()] = buffered;
    const bytes = buffered.length > 1 ? Buffer.concat(buffered) : only;
    buffered = [];
    bufferedBytes = 0;
    number += 1;
    const isTooLong = bytes.length > lineBytes;
    return {
      number,
      bytes: bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes,
      isTooLong,
    };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      hold(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (bufferedBytes > 0) yield finish();
}
