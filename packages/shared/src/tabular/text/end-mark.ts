/**
 * Removes Ctrl-Z (0x1A) from the end of a file, with the line ends and NULs around it. Programs of
 * DOS and CP/M end a text with it, and some of Windows still do.
 */

const endMark = 0x1a;
/** The bytes that may stand beside the mark at the end: line ends, spaces, NULs. */
const fill: readonly number[] = [0x00, 0x0a, 0x0d, 0x20, endMark];
/** CP/M fills the last block of 128 bytes with marks. */
const maxHeldBytes = 1_024;

/** @param onRemoved is called if the file ends with a mark */
export async function* withoutEndMark(
  pieces: AsyncIterable<Uint8Array>,
  onRemoved: () => void,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array();
  for await (const piece of pieces) {
    const bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const end = findEnd(bytes);
    held = bytes.subarray(end);
    if (end > 0) yield bytes.subarray(0, end);
  }
  if (held.includes(endMark)) onRemoved();
  else if (held.length > 0) yield held;
}

/** The position of the first mark in the fill at the end; the length if there is none. */
function findEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  const first = Math.max(0, bytes.length - maxHeldBytes);
  for (let at = bytes.length - 1; at >= first && fill.includes(bytes[at] ?? 0x61); at -= 1)
    if (bytes[at] === endMark) end = at;
  return end;
}
